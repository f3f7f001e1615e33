"""What a signal says, and the evidence it rests on, in the reader's words."""

from services.scoring.domain.insight import signals as kinds
from services.scoring.domain.insight.evidence import DAYS, OF_ALL, Evidence, Rate, Signal
from services.scoring.pages.names import Names
from shared.web.figures import NONE, Figures


class SignalWords:
    """Say signals in a language."""

    def __init__(self, names: Names) -> None:
        """Know what ids are called."""
        self._names, self._t = names, names.t
        self._f = Figures(names.language, names.roster.zone)

    def sentence(self, signal: Signal) -> str:
        """Say what was found."""
        return self._t(f"signal.{signal.kind}", subject=self._subject(signal), name=self._names.rep(signal.rep))

    def rule(self, signal: Signal) -> str:
        """Say by which fixed rule it was found."""
        return self._t(f"signal.{signal.kind}.rule")

    def evidence(self, signal: Signal) -> str:
        """Say what it rests on: now, and what it is held against."""
        found = signal.evidence
        now = self._figure(found, found.now, found.k, found.n)
        before = self._figure(found, found.baseline, found.baseline_k, found.baseline_n)
        own = f"signal.{signal.kind}.evidence"
        key = own if self._t.has(own) else f"signal.against.{found.against}"
        return self._t(key, now=now, before=before, n=self._f.number(found.n), base=self._f.number(found.baseline_n))

    def rate(self, rate: Rate) -> str:
        """Say a rate with what it rests on."""
        return NONE if rate.rate is None else self._of(rate.rate, rate.k, rate.n)

    def _subject(self, signal: Signal) -> str:
        """Return what it is about: a stage, or a kind of work."""
        if signal.subject is None:
            return ""
        called = self._names.activity if signal.kind == kinds.WORK_DOWN else self._names.stage
        return called(signal.subject)

    def _figure(self, found: Evidence, value: float, k: int | None, n: int) -> str:
        if found.unit == OF_ALL:
            return self._of(value, k, n)
        if found.unit == DAYS:
            return self._t("signal.days", days=self._f.number(value, 1), n=self._f.number(n))
        return self._f.number(value, 0 if value == int(value) else 1)

    def _of(self, share: float, k: int | None, n: int) -> str:
        said = self._f.share(share)
        return said if k is None else f"{said} ({self._t('rate.of', k=self._f.number(k), n=self._f.number(n))})"
