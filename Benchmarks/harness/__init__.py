"""What every scenario stands on: processes, load, numbers and their report."""
