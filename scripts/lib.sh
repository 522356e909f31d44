# Set-up shared by scripts/test and scripts/demo: a Python, a .venv, the packages of setup.cfg. Words go to stderr.
# Sourced with the working directory at the top of the repository.

say() { printf '%s\n' "$*" >&2; }

is_root_on_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

# apt_install PACKAGE... - quietly, as root on Debian, starting no service. Fails where that is not possible.
apt_install() {
  is_root_on_debian || return 1
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made=1; fi
  local log; log=$(mktemp)
  local done=0
  { DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 install --no-install-recommends "$@"; } \
    >"$log" 2>&1 </dev/null || { done=$?; tail -n 5 "$log" >&2; }
  rm -f "$log"
  [ -z "$made" ] || rm -f "$policy"
  return "$done"
}

# Every Python there may be, newest suitable first. A version manager's shim can exist without working, so the
# interpreters behind it are listed too.
python_candidates() {
  local name dir IFS=:
  for name in python3.13 python3.12 python3.11 python3; do
    command -v "$name" || true
    for dir in $PATH; do
      case $dir in */shims) ls -d "${dir%/shims}"/versions/*/bin/"$name" 2>/dev/null || true ;; esac
    done
  done
}

# The version as 311, 312, ... if this interpreter works and can make a virtual environment.
python_version() {
  "$1" -c 'import sys, venv, ensurepip; print("%d%02d" % sys.version_info[:2])' 2>/dev/null
}

find_python() {
  local path version best= best_version=0 late=
  while read -r path; do
    version=$(python_version "$path") || continue
    if [ "$version" -gt 313 ]; then late=${late:-$path}; continue; fi
    if [ "$version" -ge 311 ] && [ "$version" -gt "$best_version" ]; then best=$path best_version=$version; fi
  done < <(python_candidates)
  printf '%s' "${best:-$late}"
}

# LightFM comes as a wheel for 3.12 and 3.13; on 3.11 it is compiled here. Says why when it cannot be had.
can_train() {
  local version; version=$(python_version .venv/bin/python)
  case $version in
    312 | 313) return 0 ;;
    311) ;;
    *) say "The trained part is left out: LightFM has no build for this Python; rules and wishes decide alone."; return 1 ;;
  esac
  has_compiler && return 0
  apt_install gcc libc6-dev python3-dev && has_compiler && return 0
  say "The trained part is left out: LightFM needs a C compiler and Python's headers on Python 3.11, and I may not install them."
  return 1
}

has_compiler() {
  { command -v gcc || command -v cc; } >/dev/null 2>&1 \
    && [ -f "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ]
}

pip_install() {
  local try
  for try in 1 2 3; do
    LIGHTFM_NO_CFLAGS=1 .venv/bin/python -m pip install --quiet --use-pep517 --no-input --disable-pip-version-check "$@" >&2 </dev/null && return 0
    [ "$try" = 3 ] || { say "The installation failed; trying again."; sleep 2; }
  done
  return 1
}

# other_lightfm [FULL] - the build of LightFM that is not installed, beside the one that is: sets other_build to
# NAME==VERSION and other_folder. It is compiled on every Python. Fails with why_no_other where that cannot be done.
other_lightfm() {
  local version plain=() mark
  version=$(python_version .venv/bin/python)
  other_folder=$PWD/.venv/other-lightfm why_no_other=
  case $version in
    311) other_build=$(pinned lightfm-next) plain=(--no-binary lightfm-next) ;;
    312 | 313) other_build=$(pinned rectools-lightfm) ;;
    *) why_no_other="there is none for this Python"; return 1 ;;
  esac
  mark=$other_folder/.$other_build-$version
  [ ! -e "$mark" ] || return 0
  if ! has_compiler && { [ -z "${1:-}" ] || ! apt_install gcc libc6-dev python3-dev || ! has_compiler; }; then
    why_no_other="it needs a C compiler and Python's headers; --full installs them as root on Debian"
    return 1
  fi
  rm -rf "$other_folder"
  say "Building $other_build ..."
  if ! pip_install --no-deps --target "$other_folder" "${plain[@]}" "$other_build"; then
    rm -rf "$other_folder"
    why_no_other="it could not be built here"
    return 1
  fi
  : >"$mark"
}

# The requirement of this package in setup.cfg as NAME==VERSION.
pinned() { sed -n "s/^ *\($1\) *== *\([^ ;]*\).*/\1==\2/p" setup.cfg; }

make_venv() {
  if [ -x .venv/bin/python ] && [ -n "$(python_version .venv/bin/python)" ] && grep -qsF "$PWD/.venv" .venv/bin/pip; then return 0; fi
  local python; python=$(find_python)
  if [ -z "$python" ] && apt_install python3-venv; then python=$(find_python); fi
  if [ -z "$python" ]; then say "Python 3.11 or newer with its venv module is needed (on Debian: apt-get install python3-venv)."; return 1; fi
  say "Making .venv with $("$python" --version) ..."
  rm -rf .venv
  "$python" -m venv .venv
}

# setup EXTRA... - .venv with the project and these extras, unless it holds them already. `train` may be left out.
setup() {
  make_venv || return 1
  local mark=.venv/.pushsvc-installed hash extra wanted=() missing=()
  hash=$(cat setup.cfg pyproject.toml | sha256sum | cut -d' ' -f1)
  grep -qsx "$hash" "$mark" || rm -f "$mark"
  for extra in base "$@"; do grep -qsx "$extra" "$mark" || missing+=("$extra"); done
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "Installing the packages of setup.cfg ($*) ..."
  for extra in "$@"; do [ "$extra" = train ] || wanted+=("$extra"); done
  local list; list=$(IFS=,; printf '%s' "${wanted[*]:-}")
  local trained=
  case " $* " in *" train "*) if can_train; then trained=train; fi ;; esac
  if [ -n "$trained" ] && pip_install -e ".[${list:+$list,}train]"; then
    :
  else
    [ -z "$trained" ] || say "The trained part is left out: LightFM could not be built here; rules and wishes decide alone."
    pip_install -e ".${list:+[$list]}" || { say "The packages could not be installed."; return 1; }
  fi
  { printf '%s\n' "$hash" base "$@"; grep -sxv "$hash" "$mark" || true; } | sort -u >"$mark.new" && mv "$mark.new" "$mark"
}
