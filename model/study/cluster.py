"""Dask as an executor: two processes here, or the nodes of a Slurm, PBS or Kubernetes cluster.

A worker that dies costs its runs of the moment, which Dask gives to others. The folder of the study
must be on a disk that all workers see. A run's time limit is kept after every day of the run; a day
that never ends is ended by killing its worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from agents.errors import InputError
from model.study.many import cores

#: In place of an address: a cluster on this machine for as long as the study runs.
LOCAL: Final = "local"
_TIMEOUT: Final = 20


@contextmanager
def dask_executor(address: str, workers: int | None = None) -> Iterator[Executor]:
    """An executor on a Dask cluster.

    Args:
        address: of the scheduler (`tcp://…`), or `local`.
        workers: processes of a local cluster; one a core by default.

    Raises:
        InputError: Dask is not installed, nobody answers, or no worker is there.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise InputError(
            "dask: is not installed; install it with: pip install 'civa[cluster]'"
        ) from None
    cluster: Any = None
    if address == LOCAL:
        cluster = dask.LocalCluster(
            n_workers=workers or cores(), threads_per_worker=1, dashboard_address=None
        )
    try:
        try:
            client = dask.Client(cluster or address, timeout=_TIMEOUT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(f"dask: no scheduler answers at {address} ({error})") from None
        try:
            executor = client.get_executor(pure=False, retries=2)
            executor.workers = sum(client.ncores().values())
            if not executor.workers:
                raise InputError(f"dask: the scheduler at {address} has no worker; start one")
            yield executor
        finally:
            client.close()
    finally:
        if cluster is not None:
            cluster.close()
