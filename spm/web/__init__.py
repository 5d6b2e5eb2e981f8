"""Pages and API alike lean on this: building blocks, navigation, error shape, paging. Decides nothing about sales."""
