"""Estimators as functions of data frames, for engines that run them on many."""

from galspec.partitions.function import PartitionFunction, partition_function

__all__ = ["PartitionFunction", "partition_function"]
