"""Processes for post-processing, one for each core that this process may use."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import cv2


def process_pool() -> ProcessPoolExecutor:
    # Spawned: a fork of a process that has used CUDA or threads may hang.
    return ProcessPoolExecutor(
        len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn"), cv2.setNumThreads, (1,)
    )
