#!/bin/sh
# systemctl of a demo host, over a table of "unit load active sub enabled since" lines. It knows
# list-units, list-unit-files, show, is-active, is-failed and is-system-running: what an operator's
# console asks.
root=${0%/bin/*}
units=$root/etc/units
verb=
all=
only=
properties=
names=
for word; do
    case $word in
    --state=* | --property=*)
        case $word in --state=*) only=${word#*=} ;; *) properties=${word#*=} ;; esac
        ;;
    --failed) only=failed ;;
    --all) all=yes ;;
    -p) properties=next ;;
    -*) ;;
    *)
        if [ "$properties" = next ]; then
            properties=$word
        elif [ -z "$verb" ]; then
            verb=$word
        else
            names="$names $word"
        fi
        ;;
    esac
done

matches() { # unit load active sub enabled: is it one of those asked for?
    case ",$only," in ,, | *,"$3",* | *,"$4",* | *,"$5",*) ;; *) return 1 ;; esac
    [ -z "$names" ] && return 0
    set -f
    for pattern in $names; do
        # shellcheck disable=SC2254  (a pattern is meant)
        case $1 in $pattern) set +f; return 0 ;; esac
    done
    set +f
    return 1
}

case ${verb:-list-units} in
list-units)
    while read -r unit load active sub enabled since; do
        matches "$unit" "$load" "$active" "$sub" "$enabled" || continue
        echo "$unit $load $active $sub $unit"
    done <"$units"
    ;;
list-unit-files)
    while read -r unit load active sub enabled since; do
        matches "$unit" "$load" "$active" "$sub" "$enabled" || continue
        echo "$unit $enabled enabled"
    done <"$units"
    ;;
show)
    gap=
    while read -r unit load active sub enabled since; do
        matches "$unit" "$load" "$active" "$sub" "$enabled" || continue
        # As the real one: a pattern alone stands for what is active or failed.
        case $names$all$active in *'*'*inactive) [ -n "$all" ] || continue ;; esac
        printf %s "$gap"
        gap='
'
        result=success
        [ "$active" = failed ] && result=exit-code
        for line in "Id=$unit" "Names=$unit" "LoadState=$load" "ActiveState=$active" \
            "SubState=$sub" "UnitFileState=$enabled" "Result=$result" "Description=$unit" \
            "ConditionResult=yes" "Type=simple" "NRestarts=0" \
            "StateChangeTimestampMonotonic=$since" "InactiveEnterTimestampMonotonic=$since"; do
            case ",$properties," in ,, | *,"${line%%=*}",*) echo "$line" ;; esac
        done
    done <"$units"
    ;;
is-active | is-failed)
    while read -r unit load active sub enabled since; do
        [ -n "$names" ] && matches "$unit" "$load" "$active" "$sub" "$enabled" || continue
        echo "$active"
        [ "$active" = "${verb#is-}" ]
        exit
    done <"$units"
    echo inactive
    exit 3
    ;;
is-system-running)
    if grep -q ' failed ' "$units"; then
        echo degraded
        exit 1
    fi
    echo running
    ;;
*)
    echo "Unknown command verb $verb." >&2
    exit 1
    ;;
esac
