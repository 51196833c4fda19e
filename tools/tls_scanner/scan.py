"""Asks a server what TLS it speaks, and says what of it is weak: one JSON object on standard output.

Run by the Python of the scanner's environment, so it uses nothing of this repository.

    {"weaknesses": ["..."]}    it was looked at; an empty list is good
    {"problem": "..."}         it could not be looked at
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from sslyze import (
    CertificateInfoExtraArgument,
    RobotScanResultEnum,
    ScanCommand,
    ScanCommandAttemptStatusEnum,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanResult,
    ServerScanStatusEnum,
)
from sslyze.errors import ServerHostnameCouldNotBeResolved
from sslyze.mozilla_tls_profile.tls_config_checker import (
    SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER,
    MozillaTlsConfiguration,
    ServerNotCompliantWithTlsConfiguration,
    TlsConfigurationEnum,
    check_server_against_tls_configuration,
)

COMMANDS = SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER | {
    ScanCommand.HTTP_HEADERS,
    ScanCommand.TLS_1_3_EARLY_DATA,
}
STRONG_CURVES = {"X448", "secp521r1"}
"""Offered by OpenSSL as well as those of the profile, which leaves them out since few clients have them."""


class NotLookedAtError(Exception):
    """Why there is no result."""


def scanned(hostname: str, port: int, address: str | None, root: Path | None) -> ServerScanResult:
    """Everything that `judged` needs to know. Raises `NotLookedAtError`."""
    try:
        location = ServerNetworkLocation(hostname, port, address)
    except ServerHostnameCouldNotBeResolved:
        raise NotLookedAtError(f"{hostname} has no address in DNS") from None
    extra = CertificateInfoExtraArgument(custom_ca_file=root) if root else None
    request = ServerScanRequest(
        location,
        scan_commands=COMMANDS,
        scan_commands_extra_arguments=ScanCommandsExtraArguments(certificate_info=extra),
    )
    scanner = Scanner()
    scanner.queue_scans([request])
    (result,) = scanner.get_results()
    if result.scan_status != ServerScanStatusEnum.COMPLETED:
        # The last line of a trace has the reason.
        trace = "".join(result.connectivity_error_trace.format()) if result.connectivity_error_trace else ""
        reason = trace.strip().rpartition("\n")[2] or "no answer"
        raise NotLookedAtError(f"{hostname}, port {port}, address {location.ip_address}: {reason}")
    for command in sorted(COMMANDS):
        attempt = getattr(result.scan_result, command.value)
        if attempt.status != ScanCommandAttemptStatusEnum.COMPLETED:
            trace = "".join(attempt.error_trace.format()) if attempt.error_trace else ""
            raise NotLookedAtError(f"{command.value}: {trace.strip().rpartition(chr(10))[2] or 'failed'}")
    return result


def judged(result: ServerScanResult, profile: TlsConfigurationEnum, hsts: int) -> Iterator[str]:
    """What is weak by Mozilla's profile, and by what it leaves out."""
    wanted = MozillaTlsConfiguration.get(profile)
    attempts = result.scan_result
    try:
        check_server_against_tls_configuration(result, wanted)
    except ServerNotCompliantWithTlsConfiguration as error:
        for name, issue in error.issues.items():
            if name != "tls_curves":
                yield str(issue)
    curves = {curve.name for curve in attempts.elliptic_curves.result.supported_curves or ()}
    if weak := sorted(curves - wanted.tls_curves - STRONG_CURVES):
        yield f"Elliptic curves {', '.join(weak)} are supported."
    if attempts.session_renegotiation.result.is_vulnerable_to_client_renegotiation_dos:
        yield "Clients may renegotiate as often as they like, which costs the server more than them."
    if attempts.robot.result.robot_result == RobotScanResultEnum.VULNERABLE_WEAK_ORACLE:
        yield "Server is vulnerable to the ROBOT attack (weak oracle)."
    if attempts.tls_1_3_early_data.result.supports_early_data:
        yield "TLS 1.3 early data is accepted: a request can be sent again by whoever records it."
    header = attempts.http_headers.result.strict_transport_security_header
    if header is None or (header.max_age or 0) < hsts:
        said = f"for {header.max_age} seconds" if header else "not sent"
        yield f"Strict-Transport-Security is {said}; browsers should insist on HTTPS for {hsts} seconds."


def main() -> int:
    """Look at one host name. Its exit status says nothing but that the JSON is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("hostname")
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--address")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--profile", type=TlsConfigurationEnum, required=True)
    parser.add_argument("--hsts", type=int, required=True)
    arguments = parser.parse_args()
    try:
        result = scanned(arguments.hostname, arguments.port, arguments.address, arguments.root)
        said: dict[str, object] = {"weaknesses": list(judged(result, arguments.profile, arguments.hsts))}
    except NotLookedAtError as error:
        said = {"problem": str(error)}
    json.dump(said, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
