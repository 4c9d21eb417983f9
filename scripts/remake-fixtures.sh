#!/usr/bin/env bash
# Remakes the roster files of test/fixtures/rosters with LibreOffice and Python; the saved files are what the tests read.
# Not part of npm test. Installs LibreOffice from Debian's packages where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../test/fixtures/rosters"
command -v soffice >/dev/null || { apt-get update && apt-get install -y --no-install-recommends libreoffice-calc-nogui; }
work=$(mktemp -d)
office() { soffice -env:UserInstallation="file://$work/profile" --headless "$@" >/dev/null 2>&1; }
text="Text - txt - csv (StarCalc)"
# source.csv is typed by hand (UTF-8); every column read as text, but in the third file, where numbers are guessed
cp source.csv "$work/roster.csv"
(cd "$work" && office --infilter="$text:44,34,76,1,1/2/2/2/3/2/4/2/5/2/6/2" --convert-to xlsx roster.csv && office --convert-to ods roster.xlsx)
cp "$work/roster.xlsx" libreoffice.xlsx
cp "$work/roster.ods" libreoffice.ods
(cd "$work" && office --infilter="$text:44,34,76,1" --convert-to xlsx:"Calc MS Excel 2007 XML" --outdir guessed roster.csv)
cp "$work/guessed/roster.xlsx" libreoffice-numbers.xlsx
(cd "$work" && office --convert-to csv:"$text":44,34,85,1 --outdir gb roster.xlsx)
cp "$work/gb/roster.csv" libreoffice-gb18030.csv
python3 -c 'import sys; open(sys.argv[2], "w", encoding="utf-8-sig", newline="\r\n").write(open(sys.argv[1], encoding="utf-8").read())' source.csv python-utf8-bom.csv
rm -rf "$work"
