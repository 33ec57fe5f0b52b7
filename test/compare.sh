# shellcheck shell=sh
# For runners that compare Cor with Linux: many pieces, each a token, in one boot per kernel. To be sourced at
# the top of the tree. The runner sets
#
#	out           its folder under build/; what each kernel gave is in $out/linux and $out/cor
#	layer, again  the layer's name, and the command that takes tokens as its arguments
#
# and defines
#
#	machine KERNEL TOKEN...   boots a machine that runs those, one after another; what it prints has
#	                          "=== begin TOKEN" before, and "=== end TOKEN HOW" behind each one's output
#	name_of TOKEN             what a person calls it: an argument of $again
#
# A kernel that dies or hangs costs the piece that ran then; the rest gets another boot. What Linux gave is
# kept; the runner says with `run_all linux` what is to be asked for again.
: "${out:?}" "${layer:?}" "${again:?}"
mkdir -p "$out/linux" "$out/cor"

# The file that has what kernel $1 gave for token $2.
given_by() {
	printf '%s/%s/%s\n' "$out" "$1" "$(echo "$2" | tr / _)"
}

# The file for the difference of token $1: each kernel and seed has its own, which the runs of others leave alone.
difference_of() {
	printf '%s/%s%s.diff\n' "$out" "$(echo "$1" | tr / _)" "${DEBUG:+-debug}${SCHED_SEED:+-$SCHED_SEED}"
}

# Takes the runner's output apart: a file for each token, in folder $1, with how it ended at the end.
split() {
	awk -v dir="$1" '
		{ sub(/\r$/, "") }
		/^=== begin / { name = $3; gsub("/", "_", name); file = dir "/" name ".part"; printf "" > file; next }
		/^=== end / {
			sub(/^=== end [^ ]* /, "")
			print "ended: " $0 >> file
			close(file)
			system("mv " file " " dir "/" name)
			name = ""
			next
		}
		name { print >> file }'
}

# Runs tokens on kernel $1 until each has its output in $out/$1.
run_all() {
	kernel=$1
	shift
	for token in "$@"; do
		file=$(given_by "$kernel" "$token")
		rm -f "$file" "$file.part"
	done
	while [ $# -gt 0 ]; do
		status=0
		machine "$kernel" "$@" > "$out/$kernel.out" 2> "$out/$kernel.err" || status=$?
		split "$out/$kernel" < "$out/$kernel.out"
		# Go on behind the last that has ended, and the one that did not.
		while [ $# -gt 0 ] && [ -e "$(given_by "$kernel" "$1")" ]; do
			shift
		done
		[ $# -eq 0 ] && break
		file=$(given_by "$kernel" "$1")
		# What Linux does not end well is no measure: it leaves no file, and so fails.
		[ "$kernel" = cor ] || file=$out/$kernel.unfinished
		{
			cat "$out/$kernel"/*.part 2> /dev/null || true
			echo "ended: with the machine, bin/run says $status"
			cat "$out/$kernel.err"
		} > "$file"
		rm -f "$out/$kernel"/*.part
		shift
	done
}

# Compares what both gave for each of the tokens: a line for each that differs; counts in $passed, $failed.
compare() {
	for token in "$@"; do
		theirs=$(given_by linux "$token")
		ours=$(given_by cor "$token")
		difference=$(difference_of "$token")
		if diff -u "$theirs" "$ours" > "$difference" 2>&1; then
			rm -f "$difference"
			passed=$((passed + 1))
		else
			fail "$(name_of "$token"): see $difference" "$(name_of "$token")"
		fi
	done
}

# One failure: what it is, and the arguments that run it again.
fail() {
	failed=$((failed + 1))
	echo "FAILED  $layer $1; again: $again${2:+ $2}"
}

# The last line of a layer, and its status.
sum_up() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

passed=0
failed=0
