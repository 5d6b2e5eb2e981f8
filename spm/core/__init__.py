"""Pure Python that every module leans on: money, time, timelines, frames, findings. No Django, clock, files or network."""
