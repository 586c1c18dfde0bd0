"""What a restore would do, in numbers, before anything is written."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from restores.models import RestoreRequest


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of a plan, made at `made_at_ms`; all sizes in bytes, as the server counts them.

    `folders` are those to be made, by the server's names. A quota of None: the server tells none. `missing_bytes` is
    what the quota lacks, 0 where all fits. `unreadable` are folders of the night that could not be read.
    """

    made_at_ms: int
    to_add: int
    to_add_bytes: int
    already_there: int
    refused: int
    folders: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    quota_used_bytes: int | None = None
    quota_limit_bytes: int | None = None
    append_limit_bytes: int | None = None

    @classmethod
    def of(cls, restore: RestoreRequest) -> Self | None:
        """Return the plan that was made for a request last, None where none was."""
        kept: dict[str, Any] | None = restore.plan
        if kept is None:
            return None
        return cls(**kept | {name: tuple(kept[name]) for name in ("folders", "unreadable")})

    def stored_form(self) -> dict[str, Any]:
        """Return the plan as the request keeps it; the opposite of `of`."""
        return asdict(self)

    @property
    def quota_after_bytes(self) -> int | None:
        """What will be used when everything is added."""
        return None if self.quota_used_bytes is None else self.quota_used_bytes + self.to_add_bytes

    @property
    def missing_bytes(self) -> int:
        if self.quota_after_bytes is None or self.quota_limit_bytes is None:
            return 0
        return max(0, self.quota_after_bytes - self.quota_limit_bytes)
