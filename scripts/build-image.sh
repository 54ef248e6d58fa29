#!/usr/bin/env bash
#
# Builds the runner's image and brings it to ECR. The last line of stdout is the image's URI, with its digest.
#
#   AWS_REGION=eu-central-1 ECR_REPO_NAME=berth-runner scripts/build-image.sh
#   scripts/build-image.sh --local        builds for this machine alone, as berth-runner:local
#   scripts/build-image.sh --dry-run      says what would be done, and does nothing
#
# An image is named by what it is made of: `base-amd64-3f2a…`. What is in ECR already is neither built nor pushed again.
#
#   AWS_REGION      region of the repository
#   ECR_REPO_NAME   its name; default berth-runner
#   IMAGE_TAG       one more tag for the same image, such as latest; absent: none
#   APP_DIR         directory of the Dockerfile; default runner-image
#   PLATFORM        linux/amd64 (default) or linux/arm64
#   TARGET          base (default) or browser
#   BASE_IMAGE      default debian:bookworm-slim; a tag is pinned to the digest that it has now
#   REFRESH         a new value makes a new image of the same files, for Debian's updates: REFRESH=$(date +%Y-%m)
#   SCAN_FAIL_ON    severity that stops the push: low, medium, high, critical (default)
#   SBOM_DIR        where the list of contents goes; default .cache/sbom
#   CONTAINER_TOOL  docker or podman; absent: the first that is installed
#   BUILD_OPTIONS   more options for its build, such as --network=host
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repository=${ECR_REPO_NAME:-berth-runner}
app_dir=$(realpath -m -- "${APP_DIR:-$root/runner-image}")
platform=${PLATFORM:-linux/amd64}
target=${TARGET:-base}
base_image=${BASE_IMAGE:-debian:bookworm-slim}
fail_on=${SCAN_FAIL_ON:-critical}
sbom_dir=${SBOM_DIR:-$root/.cache/sbom}
is_local=false
is_dry=false

say() { printf '%s\n' "$*" >&2; }
die() {
  say "build-image: $1"
  exit "${2:-1}"
}
# run COMMAND…: does it, or says it in a dry run. What it prints is not the URI, so it goes to stderr.
run() {
  if $is_dry; then say "would run: $*"; else "$@" >&2; fi
}

for argument in "$@"; do
  case $argument in
    --local) is_local=true ;;
    --dry-run) is_dry=true ;;
    -h | --help)
      sed -n '3,/^set -/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) die "unknown argument $argument; --help tells which there are" 64 ;;
  esac
done

check_settings() {
  case $platform in
    linux/amd64 | linux/arm64) ;;
    *) die "PLATFORM is $platform; it has to be linux/amd64 or linux/arm64, one a call" 64 ;;
  esac
  case $target in
    base | browser) ;;
    *) die "TARGET is $target; it has to be base or browser" 64 ;;
  esac
  case $fail_on in
    low | medium | high | critical) ;;
    *) die "SCAN_FAIL_ON is $fail_on; it has to be low, medium, high or critical" 64 ;;
  esac
  [ -f "$app_dir/Dockerfile" ] || die "there is no Dockerfile in $app_dir; set APP_DIR" 66
  $is_local || [ -n "${AWS_REGION:-}" ] || die 'set AWS_REGION, or build for this machine with --local' 64
}

choose_tool() {
  tool=${CONTAINER_TOOL:-}
  if [ -z "$tool" ]; then
    for tool in docker podman ''; do
      if [ -z "$tool" ] || command -v "$tool" >/dev/null; then break; fi
    done
  elif ! command -v "$tool" >/dev/null; then
    die "CONTAINER_TOOL is $tool, which is not installed" 69
  fi
  [ -z "$tool" ] || return 0
  say 'Neither docker nor podman is installed: a dry run.'
  tool=docker
  $is_dry || lacks_tool=true
  is_dry=true
}

# The runner is a file made from sources, so one that is older than they are is made anew.
build_runner() {
  local bundle=$root/runner-image/dist/runner.js
  [ "$app_dir" = "$root/runner-image" ] || return 0
  if [ -f "$bundle" ] && [ -z "$(find "$root/runner-image/src" "$root/app/domain" -newer "$bundle" -print -quit)" ]; then
    return 0
  fi
  (cd "$root" && run node scripts/build.mjs)
}

# A tag can be moved; what was built has to be said by digest.
pin_base_image() {
  case $base_image in *@sha256:*) return 0 ;; esac
  if $is_dry; then
    say "would pin $base_image to the digest that it has now, on which the tag depends"
    return 0
  fi
  # An image that was made on this machine cannot be pulled, and has an id alone.
  "$tool" pull --platform "$platform" "$base_image" >&2 ||
    say "$base_image cannot be pulled; using the one of this machine."
  base_digest=$("$tool" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$base_image" | sed -n 1p)
  if [ -n "$base_digest" ]; then
    base_image=$base_digest
  else
    base_id=$("$tool" image inspect --format '{{.Id}}' "$base_image") || die "there is no image $base_image" 66
    say "$base_image has no digest: it was made on this machine. Its id is $base_id."
  fi
}

# Everything that the image is made of: each file of the context with its name, and what the build is told.
content_hash() {
  (
    cd "$app_dir"
    printf '%s\n' "$target" "$platform" "$base_image" "${base_id:-}" "${REFRESH:-}"
    find . -type f ! -path './src/*' ! -path './node_modules/*' ! -name '*.md' -print0 | LC_ALL=C sort -z |
      xargs -0 sha256sum
  ) | sha256sum | cut -c 1-16
}

# What the engine itself is made for; empty where it does not say.
engine_platform() {
  case $tool in
    *podman) "$tool" info --format 'linux/{{.Host.Arch}}' 2>/dev/null || true ;;
    *) "$tool" version --format '{{.Server.Os}}/{{.Server.Arch}}' 2>/dev/null || true ;;
  esac
}

build() {
  local options=() engine
  read -ra options <<<"${BUILD_OPTIONS:-}"
  if build_with "$1" ${options[@]+"${options[@]}"}; then return 0; fi
  engine=$(engine_platform)
  if [ -n "$engine" ] && [ "$engine" != "$platform" ]; then
    say "The engine is $engine. For $platform it wants QEMU's emulation (Debian: apt-get install qemu-user-static),"
    say "or build on a machine of that kind."
  fi
  die 'the image could not be built'
}

# One image and no list of images: its digest is then the same here and in ECR.
build_with() {
  local name=$1
  shift
  BUILDX_NO_DEFAULT_ATTESTATIONS=1 run "$tool" build --platform "$platform" --target "$target" \
    --build-arg "BASE_IMAGE=$base_image" --build-arg "VERSION=$tag" \
    --build-arg "REVISION=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)" \
    "$@" --tag "$name" "$app_dir"
}

has() { command -v "$1" >/dev/null; }

list_contents() {
  local file=$sbom_dir/$tag.spdx.json
  if has syft; then
    run mkdir -p "$sbom_dir"
    run syft "$1" --output "spdx-json=$file"
  elif has trivy; then
    run mkdir -p "$sbom_dir"
    run trivy image --format spdx-json --output "$file" "$1"
  else
    say 'No SBOM was written: neither syft nor trivy is installed.'
    return 0
  fi
  say "SBOM: $file"
}

scan() {
  if has grype; then
    run grype "$1" --fail-on "$fail_on" || die "grype finds vulnerabilities of severity $fail_on or above" 70
  elif has trivy; then
    local severities=LOW,MEDIUM,HIGH,CRITICAL
    # From the wanted one on.
    severities=${severities#"${severities%%"${fail_on^^}"*}"}
    run trivy image --exit-code 1 --severity "$severities" "$1" ||
      die "trivy finds vulnerabilities of severity $fail_on or above" 70
  else
    say 'Not scanned for vulnerabilities: neither grype nor trivy is installed.'
  fi
}

ecr() { aws ecr "$@" --region "$AWS_REGION" --output text; }
# plan COMMAND…: says what is only done when it is meant.
plan() { say "would run: $*"; }

# The digest of a tag in ECR; empty where there is none.
digest_in_ecr() {
  local answer
  if answer=$(ecr describe-images --repository-name "$repository" --image-ids "imageTag=$1" \
    --query 'imageDetails[0].imageDigest' 2>&1); then
    printf '%s' "$answer"
  elif [[ $answer != *ImageNotFoundException* ]]; then
    die "ECR does not tell about $repository:$1: $answer"
  fi
}

# What the registry was given, as the tool saw it.
digest_here() {
  "$tool" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1:$tag" |
    sed -n "s|^$1@||p" | sed -n 1p
}

push() {
  ecr get-login-password | run "$tool" login --username AWS --password-stdin "${1%%/*}"
  run "$tool" push "$1:$tag"
  local here there
  here=$(digest_here "$1")
  there=$(digest_in_ecr "$tag")
  [ -n "$there" ] || die "$1:$tag was pushed, and ECR does not have it"
  [ "$here" = "$there" ] || die "ECR has $1:$tag with digest $there, this machine with ${here:-none}"
}

# One more name for the same image, given by ECR itself: nothing is pushed twice.
name_also() {
  local digest=$1 name=$2 present manifest
  present=$(digest_in_ecr "$name")
  if [ "$present" = "$digest" ]; then return 0; fi
  if [ -n "$present" ] && [ "$(tag_mutability)" = IMMUTABLE ]; then
    die "$repository:$name is $present already, and tags of this repository stay as they are; use the URI with the digest $digest, or another IMAGE_TAG" 73
  fi
  manifest=$(ecr batch-get-image --repository-name "$repository" --image-ids "imageDigest=$digest" \
    --query 'images[0].imageManifest')
  run ecr put-image --repository-name "$repository" --image-tag "$name" --image-digest "$digest" \
    --image-manifest "$manifest"
}

tag_mutability() {
  ecr describe-repositories --repository-names "$repository" --query 'repositories[0].imageTagMutability'
}

build_for_ecr() {
  has aws || die 'the AWS CLI is not installed' 69
  local uri digest
  uri=$(ecr describe-repositories --repository-names "$repository" --query 'repositories[0].repositoryUri') ||
    die "there is no repository $repository in $AWS_REGION, or it may not be seen; terraform/ makes one" 66
  digest=$(digest_in_ecr "$tag")
  if [ -n "$digest" ]; then
    say "$repository:$tag is in ECR already."
  else
    build "$uri:$tag"
    list_contents "$uri:$tag"
    scan "$uri:$tag"
    push "$uri"
    digest=$(digest_in_ecr "$tag")
  fi
  if [ -n "${IMAGE_TAG:-}" ] && [ "$IMAGE_TAG" != "$tag" ]; then name_also "$digest" "$IMAGE_TAG"; fi
  printf '%s\n' "$uri@$digest"
}

build_for_here() {
  local name=local
  if [ "$target" != base ]; then name=$target; fi
  name=$repository:${IMAGE_TAG:-$name}
  build "$repository:$tag"
  list_contents "$repository:$tag"
  scan "$repository:$tag"
  run "$tool" tag "$repository:$tag" "$name"
  $is_dry || printf '%s\n' "$name"
}

# Asks nobody: neither a registry nor AWS. What these would answer stands in brackets.
tell_plan() {
  local uri="<account>.dkr.ecr.${AWS_REGION:-}.amazonaws.com/$repository"
  local ecr="aws ecr" to="--region ${AWS_REGION:-} --output text"
  plan "$ecr describe-repositories --repository-names $repository --query repositories[0].repositoryUri $to"
  plan "$ecr describe-images --repository-name $repository --image-ids imageTag=$tag --query imageDetails[0].imageDigest $to"
  say "where $repository:$tag is not there:"
  build "$uri:$tag"
  list_contents "$uri:$tag"
  scan "$uri:$tag"
  plan "$ecr get-login-password $to | $tool login --username AWS --password-stdin ${uri%%/*}"
  plan "$tool push $uri:$tag"
  say "would compare the digest that $tool tells with the one in ECR, and fail where they differ"
  if [ -n "${IMAGE_TAG:-}" ] && [ "$IMAGE_TAG" != "$tag" ]; then
    say "where $repository:$IMAGE_TAG is not that image:"
    plan "$ecr batch-get-image --repository-name $repository --image-ids imageDigest=<digest> --query images[0].imageManifest $to"
    plan "$ecr put-image --repository-name $repository --image-tag $IMAGE_TAG --image-digest <digest> --image-manifest <manifest> $to"
  fi
  say "would print $uri@<digest>"
}

lacks_tool=false
check_settings
choose_tool
build_runner
pin_base_image
tag=$target-${platform#linux/}-$(content_hash)
if $is_local; then
  build_for_here
elif $is_dry; then
  tell_plan
else
  build_for_ecr
fi
if $lacks_tool; then die 'nothing was built: install docker or podman' 69; fi
