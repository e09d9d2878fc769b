"""The built-in estimators: declarations, one file each."""
