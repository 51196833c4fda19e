"""An app's secrets: generated once and kept encrypted in the state, or supplied by the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import pulumi_random as random
import pulumi_tls as tls
from pulumi import ComponentResource, Output, ResourceOptions

from components.vapid import vapid_key
from components.workload import (
    EnvironmentValue,
    GeneratedHex,
    GeneratedPassword,
    GeneratedVapidKey,
    SecretOf,
    SecretSource,
    SuppliedSecret,
)


class Secrets:
    """The values of an app's secret sources, as children of the app."""

    def __init__(
        self,
        name: str,
        sources: Iterable[SecretSource],
        supplied: Mapping[str, Output[str]],
        parent: ComponentResource,
        others: Mapping[str, Secrets] | None = None,
        saved: Mapping[SecretSource, Output[str]] | None = None,
    ) -> None:
        """`others`: of the apps that came before. `saved`: what data from a backup was written with."""
        self._name = name
        self._supplied = supplied
        self._parent = parent
        self._others = others or {}
        self._pairs: dict[str, tls.PrivateKey] = {}
        self._values = {
            source: _first(saved[source], self._generate(source))
            if saved and source in saved
            else self._generate(source)
            for source in sources
        }

    def __getitem__(self, source: SecretSource) -> Output[str]:
        """The secret; `KeyError` for a source that was not among those given."""
        return self._values[source]

    def value(self, value: EnvironmentValue) -> Output[str]:
        """A value with its secrets in place; secret itself if it has any."""
        if isinstance(value, str):
            return Output.from_input(value)
        return Output.concat(*(part if isinstance(part, str) else self[part] for part in value.parts))

    def _generate(self, source: SecretSource) -> Output[str]:
        match source:
            case SuppliedSecret(name):
                return self._supplied[name]
            case SecretOf(app, password):
                return self._others[app][password]
            case GeneratedPassword(name, length, lasting):
                return random.RandomPassword(
                    f"{self._name}-{name}", length=length, special=False, opts=self._options(lasting)
                ).result
            case GeneratedHex(name, length, lasting):
                made = random.RandomBytes(f"{self._name}-{name}", length=length, opts=self._options(lasting))
                return Output.secret(made.hex)
            case GeneratedVapidKey(name, half):
                return Output.secret(
                    self._pair(name).private_key_pem_pkcs8.apply(partial(vapid_key, half=half))
                )

    def _pair(self, name: str) -> tls.PrivateKey:
        if name not in self._pairs:
            self._pairs[name] = tls.PrivateKey(
                f"{self._name}-{name}",
                algorithm="ECDSA",
                ecdsa_curve="P256",
                opts=self._options(lasting=True),
            )
        return self._pairs[name]

    def _options(self, lasting: bool) -> ResourceOptions:
        if not lasting:
            return ResourceOptions(parent=self._parent)
        # Nothing that could be changed about them makes them anew. They go with their app, whose identity
        # keeps a copy beside the data.
        fixed = ["length", "special", "algorithm", "ecdsaCurve"]
        return ResourceOptions(parent=self._parent, ignore_changes=fixed)


def _first(saved: Output[str], generated: Output[str]) -> Output[str]:
    return Output.all(saved, generated).apply(lambda known: str(known[0] or known[1]))
