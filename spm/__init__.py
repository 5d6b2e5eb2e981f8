"""The kernel: what every module leans on, and the project that starts them."""
