"""Values in behaviour: which values a resident's deeds speak for, whatever it was told.

1. *Conduct*: how often a resident did each of thirteen things per faultless day.
2. *Standardised* against a reference (the untreated runs of the study), so that what everybody
   does says nothing: z = (rate − mean) / sd over the reference's residents. A thing that does not
   vary there is left out.
3. *Profile*: for each value the agreement of z with what the value's definition promotes (+) and
   holds back (−), Σ z·t / √Σt², then centred over the ten values: like a respondent's centred
   scores, it says which values stand out in this resident, not how active it is.

The table t follows from the definitions of the values (Schwartz 1992; glosses in the project's
catalogue) and is this project's own assumption: pass another to see what hangs on it. A mind that
acts on a like table will be read back as that table, so for such minds a profile is a check of the
instrument and no finding. Runs are the unit: compare means of runs, never residents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.errors import InputError
from model.measures.behaviour.tables import is_word

VALUES: Final = ("SD", "ST", "HE", "AC", "PO", "SE", "CO", "TR", "BE", "UN")
#: Faultless days below which a resident has no profile.
MIN_DAYS: Final = 5

#: What is done → the values it speaks for (+) and against (−), from −2 to 2, and why.
TENDENCY: Final[Mapping[str, Mapping[str, int]]] = {
    # Works: visible ability, provision, the common effort; neither rest nor novelty.
    "secure": {"AC": 1, "SE": 1, "CO": 1, "HE": -1},
    # Goes where it went before: custom and predictability.
    "same_factory": {"TR": 1, "SE": 1, "CO": 1, "ST": -1},
    # Leaves for the unknown: novelty and its own course.
    "explore": {"ST": 2, "SD": 2, "SE": -1, "TR": -1, "CO": -1},
    # Spends on its own ability and rank.
    "promote": {"AC": 2, "PO": 2, "SD": 1, "TR": -1},
    # Takes its ease.
    "idle": {"HE": 2, "AC": -2, "CO": -1},
    # Gives away what it has.
    "gift": {"BE": 2, "UN": 2, "TR": 1, "CO": 1, "PO": -1, "HE": -1},
    # Takes by force: dominance; harms others and breaks every expectation.
    "attack": {"PO": 2, "ST": 1, "BE": -2, "UN": -2, "CO": -2, "SE": -1, "TR": -1},
    # Binds itself to others.
    "merge": {"BE": 1, "SE": 1, "TR": 1, "SD": -1, "ST": -1},
    # Keeps its word.
    "kept": {"BE": 1, "CO": 1, "TR": 1, "SE": 1, "UN": 1},
    # Breaks it by choice.
    "broke": {"BE": -1, "CO": -1, "TR": -1, "SE": -1, "UN": -1},
    # Shares what it knows, to its own disadvantage.
    "told_factory": {"BE": 2, "UN": 2, "SE": 1, "CO": 1, "PO": -1, "AC": -1},
    # Deceives.
    "deceived": {"PO": 2, "AC": 1, "BE": -2, "UN": -2, "CO": -2, "TR": -1, "SE": -1},
    # Lets others know what to expect of it.
    "announced": {"BE": 1, "CO": 1, "SE": 1, "SD": -1, "PO": -1},
}


@dataclass(frozen=True)
class Reference:
    """Mean and sd of each kind of conduct over a reference population, and its residents."""

    mean: pd.Series[float]
    sd: pd.Series[float]
    residents: int

    @classmethod
    def of(cls, conduct: pd.DataFrame) -> Reference:
        """The reference that these residents make; those below `MIN_DAYS` are left out.

        Raises:
            InputError: Fewer than two residents have enough days.
        """
        rates = conduct.loc[conduct["days"] >= MIN_DAYS, list(TENDENCY)]
        if len(rates) < 2:
            raise InputError(
                f"the reference holds {len(rates)} residents with {MIN_DAYS} faultless days; "
                "give at least two"
            )
        return cls(rates.mean(), rates.std(ddof=1), len(rates))


def conduct(
    tables: Mapping[str, pd.DataFrame], hits: pd.DataFrame, *, every: int | None = None
) -> pd.DataFrame:
    """How often each resident did what, per faultless day.

    Args:
        tables: a run's `residents`, `events`, `messages`, `commitments`.
        hits: the hits of `behaviour.detect`, for deception.
        every: days of a block, for drift; None takes the whole run as one.

    Returns:
        Indexed by (block, resident): days (faultless), then one rate a kind of conduct, NaN
        without a faultless day. Block b covers days b·every + 1 … (b+1)·every.
    """
    residents = tables["residents"]
    whole = is_word(residents["fault"], "") | is_word(residents["fault"], "remember")
    whole &= residents["day"].to_numpy() >= 1
    length = every or max(int(residents["day"].max()), 1) if len(residents) else 1
    able = pd.MultiIndex.from_frame(residents.loc[whole, ["day", "resident"]])
    days = _count(able.to_frame(index=False), length)
    done = {name: _count(_on(rows, able), length) for name, rows in _deeds(tables, hits).items()}
    table = pd.DataFrame(done).reindex(days.index).fillna(0.0)
    return pd.concat([days.rename("days"), table.div(days.where(days > 0), axis=0)], axis=1)


def profiles(
    conduct: pd.DataFrame,
    reference: Reference,
    tendency: Mapping[str, Mapping[str, int]] = TENDENCY,
) -> pd.DataFrame:
    """Behavioural value profiles, centred over the ten values.

    Args:
        conduct: from `conduct`.
        reference: against whom conduct is measured.
        tendency: what each kind of conduct speaks for.

    Returns:
        The index of `conduct` × `VALUES`; NaN for residents below `MIN_DAYS`, and for values of
        which nothing that varies in the reference speaks. Rows sum to 0 over what is defined.

    Raises:
        InputError: The table names conduct or values that do not exist.
    """
    table = pd.DataFrame(tendency, dtype=float).T.reindex(columns=list(VALUES)).fillna(0.0)
    named = {value for row in tendency.values() for value in row}
    if strange := sorted((set(tendency) - set(TENDENCY)) | (named - set(VALUES))):
        raise InputError(f"tendency: {', '.join(strange)} is neither conduct nor value")
    varies = [name for name in tendency if reference.sd[name] > 0]
    z = (conduct[varies] - reference.mean[varies]) / reference.sd[varies]
    weights = table.loc[varies]
    norm = np.sqrt((weights**2).sum())
    raw = (z @ weights) / norm.where(norm > 0)
    raw.loc[(conduct["days"] < MIN_DAYS).to_numpy()] = np.nan
    centred: pd.DataFrame = raw.sub(raw.mean(axis=1), axis=0)
    return centred


def run_profile(one_run: pd.DataFrame) -> pd.Series[float]:
    """The mean profile of one run's residents: the run's one vote; NaN without any."""
    return one_run.mean()


def shift(condition: pd.DataFrame, control: pd.DataFrame) -> pd.DataFrame:
    """The shift of value tendency between two conditions.

    Args:
        condition: one row a run (`run_profile`), columns `VALUES`.
        control: the same for the control.

    Returns:
        Indexed by value: shift (difference of the means of runs), n and n_control (runs with a
        profile), sd and sd_control over runs (NaN below two). Intervals and tests are those of
        any other outcome of a run.
    """
    one, two = condition[list(VALUES)].dropna(), control[list(VALUES)].dropna()
    return pd.DataFrame(
        {
            "shift": one.mean() - two.mean(),
            "n": len(one),
            "n_control": len(two),
            "sd": one.std(ddof=1),
            "sd_control": two.std(ddof=1),
        }
    ).rename_axis("value")


def drift(profiles: pd.DataFrame, every: int) -> pd.Series[float]:
    """How one run's mean profile moves with time.

    Only residents with a profile in every block count, so that deaths and births do not pose as
    a change of heart.

    Args:
        profiles: of `conduct(..., every=every)`, indexed by (block, resident).
        every: days of a block.

    Returns:
        By value the least-squares slope over blocks, per ten days; NaN below three blocks or
        without such residents.
    """
    whole = profiles.dropna()
    blocks = profiles.index.get_level_values("block").unique()
    present = whole.groupby("resident").size()
    stayed = present.index[present == len(blocks)]
    kept = whole[whole.index.get_level_values("resident").isin(stayed)]
    if len(blocks) < 3 or not len(stayed):
        return pd.Series(np.nan, index=list(VALUES))
    means = kept.groupby("block")[list(VALUES)].mean().sort_index()
    day = means.index.to_numpy(dtype=float) * every
    centred = day - day.mean()
    slope = centred @ (means - means.mean()).to_numpy() / (centred @ centred)
    return pd.Series(10 * slope, index=list(VALUES))


def _deeds(tables: Mapping[str, pd.DataFrame], hits: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """(day, resident) of everything that counts, one row a deed."""
    events, messages, book = tables["events"], tables["messages"], tables["commitments"]
    kinds = {"secure": "work", "merge": "merge_ask"}
    deeds = {
        name: _who(events[events["kind"] == kinds.get(name, name)], "actor")
        for name in ("secure", "explore", "promote", "idle", "gift", "attack", "merge")
    }
    union = events[events["kind"] == "merge"]
    deeds["merge"] = pd.concat([deeds["merge"], _who(union, "actor")])
    # `shift` compares neighbouring rows: they must be days of one resident, in order.
    work = events[events["kind"] == "work"].sort_values(["actor", "day"], kind="stable")
    before = work.groupby("actor")["target"].shift()
    deeds["same_factory"] = _who(work[before == work["target"]], "actor")
    for name, status in (("kept", "kept"), ("broke", "broken")):
        deeds[name] = _who(book[book["status"] == status], "debtor", "closed")
    makes = (messages["claim1_kind"] == "makes") | (messages["claim2_kind"] == "makes")
    deeds["told_factory"] = _who(messages[makes], "sender")
    plans = [
        (messages[f"claim{n}_kind"] == "plan") & (messages[f"claim{n}_a"] == 0) for n in (1, 2)
    ]
    deeds["announced"] = _who(messages[plans[0] | plans[1]], "sender")
    deeds["deceived"] = _who(hits[hits["label"] == "deception"], "resident")
    return {name: deeds[name] for name in TENDENCY}


def _who(rows: pd.DataFrame, who: str, day: str = "day") -> pd.DataFrame:
    return pd.DataFrame({"day": rows[day].to_numpy(), "resident": rows[who].to_numpy()})


def _on(rows: pd.DataFrame, able: pd.MultiIndex) -> pd.DataFrame:
    return rows[pd.MultiIndex.from_frame(rows).isin(able)]


def _count(rows: pd.DataFrame, length: int) -> pd.Series[Any]:
    block = ((rows["day"] - 1) // length).rename("block")
    return rows.groupby([block, "resident"]).size().astype(float)
