#!/bin/sh
# Installs Pilah from this bundle into FOLDER, without a network: ./install.sh /opt/pilah
# Needs Debian's python3 (the version in the bundle's name) with python3-venv, or PYTHON=/path/to/python3.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: $0 FOLDER (for example /opt/pilah)" >&2
    exit 2
fi
folder=$1
cd "$(dirname "$0")"
python=${PYTHON:-python3}

if [ -e "$folder/bin/pilah" ]; then
    echo "$folder holds a Pilah already; stop it, move the folder aside, and run this again" >&2
    exit 2
fi
sha256sum --check --quiet --strict SHA256SUMS || {
    echo "the bundle is damaged: a file does not have the checksum noted; fetch it again" >&2
    exit 3
}
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links wheels \
    --require-hashes --requirement requirements.txt
"$folder/bin/pilah" version
echo "installed in $folder; try: $folder/bin/pilah doctor"
echo "as a service: see pilah.service here, and operations.md"
