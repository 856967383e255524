"""A run from its first day to its last, into a folder; and the same run again, to compare.

A run that is started again in its own folder is executed again from day 0: interventions and the
journal of calls are kept, tables are written anew. There is no other way to resume, so none can
differ from running.

`running` is the whole run as a generator of questions, as `CommunityModel.day` is a day: `run_into`
answers them one by one, and a study may answer those of many runs on one event loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.batch import Batch
from agents.decisions import Replies
from agents.errors import CivaError, InputError, RunFailed, StoppedEarly
from agents.minds import Mind
from model.analysis.measures import RunSource, columns_of
from model.analysis.summary import numbers_of
from model.community import CommunityModel
from model.run.identity import ENGINE, identity_of
from model.run.open_minds import open_mind
from model.store import FolderRecorder, MemoryRecorder, Recorder, RunFolder, load_run
from model.store.folder import differences
from model.store.load import Run
from model.store.meta import Status
from model.store.sealed import with_nans, with_nulls
from model.world.inputs import Inputs, read_inputs
from model.world.minds import OpenMind
from model.world.scenario import Scenario
from model.world.settings import Settings

if TYPE_CHECKING:
    from agents.llm.spending import Spending

OnDay = Callable[[CommunityModel], None]
OnOpen = Callable[[OpenMind], None]
Question = tuple[Mind, Batch]


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: done, failed or stopped.
        path: its folder.
        seed: its seed.
        mind: the mind that decided.
        days: days that took effect.
        population: residents at the end of the last of them.
        naup: normalised area under the population curve; NaN for a run that is not done.
        numbers: measure → number, of those that its days are enough for
            (`model.analysis.measures`); empty for a run that is not done.
        hash: hash of all events and messages; empty unless done.
        faults: reply faults.
        calls: calls of a language model, tokens in and out, and what they cost.
        tokens: see calls.
        cost: see calls; NaN without prices.
        cause: why it failed or stopped.
        again: whether it lay there finished and nothing was computed.
        usage: tokens by kind, failed tries, who served and on what terms; empty without calls.
    """

    status: Status
    path: str
    seed: int
    mind: str
    days: int
    population: int
    naup: float
    hash: str
    faults: int
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0
    cause: str = ""
    again: bool = False
    usage: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it: what is undefined is null."""
        return with_nulls(asdict(self)) | {"numbers": with_nulls(self.numbers)}


def run_into(
    path: Path,
    scenario: Scenario,
    seed: int,
    settings: Settings | None = None,
    on_day: OnDay | None = None,
    on_open: OnOpen | None = None,
    inputs: Inputs | None = None,
) -> Outcome:
    """Run a community to its end into a folder, or find there that it was done before.

    Ctrl-C, an outage or a spent budget end it as stopped; the open day is not recorded, and the
    same call resumes.

    Args:
        path: the folder, new, empty, or of this very run.
        scenario: the community.
        seed: its seed.
        settings: operational settings.
        on_day: called after every day.
        on_open: called once with the mind made ready, to watch what it spends.
        inputs: what was read of the files that the scenario names; by default they are read now.

    Raises:
        InputError: nothing was run and nothing written: the scenario, an input file, the mind's
            name or the folder cannot be used.
    """
    questions = running(path, scenario, seed, settings, on_day, on_open, inputs=inputs)
    try:
        mind, batch = next(questions)
        while True:
            try:
                replies = mind.reply(batch)
            except BaseException as error:  # an interrupt too ends the run inside, where it lives
                mind, batch = questions.throw(error)
            else:
                mind, batch = questions.send(replies)
    except StopIteration as end:
        outcome: Outcome = end.value
    return outcome


def running(
    path: Path,
    scenario: Scenario,
    seed: int,
    settings: Settings | None = None,
    on_day: OnDay | None = None,
    on_open: OnOpen | None = None,
    shared: Spending | None = None,
    inputs: Inputs | None = None,
) -> Generator[Question, Replies, Outcome]:
    """The same as `run_into`, asking its caller: yields (mind, questions), is sent the replies.

    What goes wrong while a mind replies is to be thrown into it; it then ends as `run_into` says.
    `shared` are the accounts of a study that a run of a language model belongs to.
    """
    settings = settings or Settings()
    inputs = inputs or read_inputs(scenario)
    with RunFolder(path, identity_of(scenario, seed, inputs)) as folder:
        if folder.meta is not None and folder.done:
            return _found(path, folder.meta.summary)
        begun = False
        recorder = FolderRecorder(path, settings.flush_rows, settings.flush_seconds)
        opened, model = _build(
            scenario, seed, settings, path, recorder, inputs, offline=False, shared=shared
        )
        try:
            model.interventions.take_up(folder.interventions.rows, folder.lived)
            folder.begin()
            begun = True
            if on_open is not None:
                on_open(opened)
            status, cause = yield from _live(model, recorder, on_day)
            outcome = outcome_of(path, model, opened, status, cause)
            folder.end(status, outcome.plain(), outcome.hash, cause)
        except BaseException as error:
            if begun and folder.meta is not None and folder.meta.status == "running":
                _note_failure(folder, error)
            raise
        finally:
            opened.close()
    return outcome


def ask_of(model: CommunityModel) -> Generator[Question, Replies, None]:
    """One day of a model, asking the caller instead of calling the mind."""
    model.steps += 1  # Mesa counts where step() is called, which it is not here
    day = model.day()
    try:
        batch = next(day)
        while True:
            batch = day.send((yield model.mind, batch))
    except StopIteration:
        return
    finally:
        day.close()


def check_faults(model: CommunityModel, least: int) -> None:
    """Fail a run with too many reply faults, once there are `least` verdicts to tell by.

    Raises:
        RunFailed: there are more than the scenario allows.
    """
    limit = model.scenario.fault_limit
    if model.verdicts >= least and model.fault_verdicts > limit * model.verdicts:
        raise RunFailed(
            f"{model.fault_verdicts} of {model.verdicts} replies were faults by day {model.today}, "
            f"more than fault_limit {limit:g}: this is no result"
        )


@dataclass(frozen=True)
class Replayed:
    """What a replay found.

    Attributes:
        recorded: hash on the run's card; empty where the run was not finished.
        hash: hash of the execution just made.
        days: days executed.
        tables: tables of that execution.
    """

    recorded: str
    hash: str
    days: int
    tables: Mapping[str, Any]

    @property
    def same(self) -> bool:
        """Whether the hashes agree."""
        return self.recorded == self.hash


def replay(path: Path, on_day: OnDay | None = None) -> Replayed:
    """Execute a run again without any network and without touching its folder.

    A run that was not finished is executed as far as its tables go.

    Raises:
        InputError: no run lies there, or this version cannot execute it.
        CivaError: the journal does not answer what is asked.
    """
    recorder = MemoryRecorder()
    with reopened(path, recorder) as (run, model):
        last = int(run.days["day"].max()) if len(run.days) else 0
        while model.running and model.today < last:
            model.step()
            if on_day is not None:
                on_day(model)
        if run.meta.status == "done":
            model.finish()
    return Replayed(run.meta.hash, model.hash(), model.today, recorder.tables())


@contextmanager
def reopened(path: Path, recorder: Recorder) -> Iterator[tuple[Run, CommunityModel]]:
    """The community of a run before its first day, without any network, for as long as `with`.

    Raises:
        InputError: no run lies there, or this version cannot execute it.
    """
    run = load_run(path)
    engine = run.meta.identity.get("engine")
    if engine != ENGINE:
        raise InputError(
            f"{path}: was made by engine {engine}, this is engine {ENGINE}; it can be read, but "
            "only a version of that engine can execute it"
        )
    inputs = read_inputs(run.scenario)
    odd = differences(run.meta.identity, identity_of(run.scenario, run.meta.seed, inputs))
    if odd:
        raise InputError(
            f"{path}: cannot be executed here, for there is a difference in {odd}; bring back "
            "the input files, or the version of civa, that it was made with"
        )
    opened, model = _build(
        run.scenario, run.meta.seed, Settings(), path, recorder, inputs, offline=True
    )
    try:
        model.interventions.take_up(run.interventions, math.inf)
        if run.meta.log < 2:
            model.interventions.outcome_if_absent = 1
        yield run, model
    finally:
        opened.close()


def _build(
    scenario: Scenario,
    seed: int,
    settings: Settings,
    path: Path,
    recorder: Recorder,
    inputs: Inputs,
    *,
    offline: bool,
    shared: Spending | None = None,
) -> tuple[OpenMind, CommunityModel]:
    model: CommunityModel
    opened = open_mind(
        scenario,
        settings,
        path,
        offline=offline,
        group_of=lambda ids: model.residents.group[ids - 1],
        shared=shared,
        inputs=inputs,
    )
    try:
        model = CommunityModel(
            scenario, rng=seed, mind=opened.mind, recorder=recorder, inputs=inputs
        )
    except BaseException:
        opened.close()
        raise
    return opened, model


def _live(
    model: CommunityModel, recorder: FolderRecorder, on_day: OnDay | None
) -> Generator[Question, Replies, tuple[Status, str]]:
    """Live all days; what is recorded in the end is whole days."""
    status: Status = "done"
    cause = ""
    try:
        while model.running:
            yield from ask_of(model)
            if on_day is not None:
                on_day(model)
            check_faults(model, model.scenario.fault_limit_from)
        check_faults(model, 1)
        model.finish()
    except (KeyboardInterrupt, GeneratorExit):
        status, cause = "stopped", "interrupted"
    except StoppedEarly as error:
        status, cause = "stopped", str(error)
    except RunFailed as error:
        status, cause = "failed", str(error)
    recorder.close()
    return status, cause


def outcome_of(
    path: Path | str, model: CommunityModel, opened: OpenMind, status: Status, cause: str
) -> Outcome:
    """How a run ended, or how far it came; `path` is empty without a folder."""
    spent = opened.spent()
    done = status == "done"
    columns = columns_of(model.days)
    numbers = numbers_of(RunSource(columns, model.scenario.days), ("days",)) if done else {}
    return Outcome(
        status=status,
        path=str(path),
        seed=model.seed,
        mind=model.mind.name,
        days=model.today,
        population=model.latest.population,
        naup=numbers.get("naup", math.nan),
        hash=model.hash() if done else "",
        faults=model.fault_verdicts,
        calls=spent.calls,
        tokens=spent.tokens,
        cost=spent.cost,
        cause=cause,
        usage=opened.usage(),
        numbers=numbers,
    )


def _found(path: Path, summary: Mapping[str, Any]) -> Outcome:
    known = with_nans(summary)
    numbers = with_nans(known.get("numbers", {}))
    return Outcome(**{**known, "numbers": numbers, "path": str(path), "again": True})


def _note_failure(folder: RunFolder, error: BaseException) -> None:
    """Leave the cause on the card, if the disk still takes it; the error itself goes on."""
    stopped = isinstance(error, StoppedEarly | KeyboardInterrupt | GeneratorExit)
    status: Status = "stopped" if stopped else "failed"
    cause = str(error) if isinstance(error, CivaError) else f"{type(error).__name__}: {error}"
    try:
        folder.end(status, {}, cause=cause)
    except CivaError:
        return
