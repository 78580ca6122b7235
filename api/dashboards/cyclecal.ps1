<#
.SYNOPSIS
Tells when the next Windows update restarts the devices of a ring, from Cyclecal.

.DESCRIPTION
Writes one object for each track; of a stored ring with its maintenance window, in the
time of this machine, and the freeze that this falls into. Ends with 0 if no restart is
due within the days that are asked for, with 3 if one is, and with 1 if the service
can't be asked.
Works in Windows PowerShell 5.1 and in PowerShell 7.

.PARAMETER Ring
NAME:DEFERRAL/DEADLINE/GRACE in days; or, with a token, the name of a stored ring.

.PARAMETER Track
Ids of tracks; all that have not ended where it is left out.

.PARAMETER Token
Of the role viewer, for stored rings and for services that are not public. It is
taken from CYCLECAL_TOKEN where it is left out, so that no list of processes shows it.

.EXAMPLE
.\cyclecal.ps1 -Ring broad:9/5/2 -Track windows-11-24h2 -Days 7 | Format-Table

.EXAMPLE
.\cyclecal.ps1 | Export-Csv restarts.csv -NoTypeInformation
#>
[CmdletBinding()]
param(
    [string]   $Server = 'http://127.0.0.1:8080',
    [ValidateNotNullOrEmpty()]
    [string]   $Ring = 'broad:9/5/2',
    [string[]] $Track = @(),
    [ValidateRange(0, 36500)]
    [int]      $Days = 7,
    [string]   $Token = $env:CYCLECAL_TOKEN
)
$ErrorActionPreference = 'Stop'

# Windows PowerShell 5.1 may not offer TLS 1.2 by itself; 0 leaves it to the system, which does.
if ([int][Net.ServicePointManager]::SecurityProtocol -ne 0) {
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
}

# Behind a proxy that wants to know who asks: the one of the system, as who runs this.
if ([Net.WebRequest]::DefaultWebProxy) {
    [Net.WebRequest]::DefaultWebProxy.Credentials = [Net.CredentialCache]::DefaultNetworkCredentials
}

# An instant in the time of this machine; 5.1 leaves it a text, 7 makes it a time.
function Get-LocalTime($instant) {
    if ($instant -is [datetime]) {
        return $instant.ToLocalTime()
    }
    if ($instant) {
        return [DateTimeOffset]::Parse($instant, [Globalization.CultureInfo]::InvariantCulture).LocalDateTime
    }
}

$query = 'shape=rows&ring=' + [Uri]::EscapeDataString($Ring)
foreach ($id in $Track) {
    $query += '&track=' + [Uri]::EscapeDataString($id)
}
$headers = @{ Accept = 'application/json' }
if ($Token) {
    $headers.Authorization = "Bearer $Token"
}

# An answer stays true for as long as its Cache-Control says, 5 minutes at most: once a
# day needs no cache. A script that asks more often sends the ETag of its last answer as
# If-None-Match and gets a 304 without a body; cyclecal.py shows how.
try {
    $answer = Invoke-WebRequest -Uri "$Server/api/v1/next?$query" -Headers $headers -TimeoutSec 30 -UseBasicParsing

    # JSON is UTF-8 and has no charset parameter (RFC 8259, 8.1 and 11), which Windows
    # PowerShell 5.1 takes for Latin-1: so the bytes are decoded here.
    $rows = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString($answer.RawContentStream.ToArray()))
}
catch {
    [Console]::Error.WriteLine("cyclecal: $($_.Exception.Message) $($_.ErrorDetails.Message)")
    exit 1
}

$due = $false
foreach ($row in $rows) {
    if ($Track.Count -eq 0 -and -not $row.next_release_month -and -not $row.next_restart_month) {
        continue
    }
    if ($null -ne $row.next_restart_days_away -and $row.next_restart_days_away -le $Days) {
        $due = $true
    }
    [pscustomobject]@{
        Track          = $row.track_name
        Ring           = $row.ring
        Month          = $row.next_restart_month
        Status         = $row.next_restart_status
        Unplanned      = $row.next_restart_unplanned
        DaysAway       = $row.next_restart_days_away
        DueNow         = $row.restart_due
        RestartFrom    = $row.offered_on
        RestartBy      = $row.restart_by
        WindowStart    = Get-LocalTime $row.window_start
        WindowEnd      = Get-LocalTime $row.window_end
        Freeze         = $row.freeze
        FreezeConflict = $row.freeze_conflict
    }
}
if ($due) {
    exit 3
}
exit 0
