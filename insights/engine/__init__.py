"""Pure calculation of insights: frames in, values out."""
