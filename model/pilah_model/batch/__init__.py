"""Scores a feed of any size: streamed, resumable, on one thread or on several processes.

`shards` cuts the rows, `hands` and `workers` judge them, `folder` keeps what is finished, `engine` brings all together.
"""

from pilah_model.batch.engine import score_file
from pilah_model.batch.errors import UnfinishedError, WorkerError, WriteError
from pilah_model.batch.folder import Start
from pilah_model.batch.hands import InProcess
from pilah_model.batch.options import ScoreOptions, Summary
from pilah_model.batch.ray_crew import RayCrew
from pilah_model.batch.workers import Processes, worker_command

__all__ = [
    "InProcess",
    "Processes",
    "RayCrew",
    "ScoreOptions",
    "Start",
    "Summary",
    "UnfinishedError",
    "WorkerError",
    "WriteError",
    "score_file",
    "worker_command",
]
