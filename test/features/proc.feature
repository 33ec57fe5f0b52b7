Feature: /proc
  The kernel tells of itself and of its processes, where programs look for it.

  Scenario: ps lists what runs
    When I run `bin/run /bin/busybox ps -o pid,ppid,stat,args`
    Then stdout contains "    2     1 R    /bin/busybox ps -o pid,ppid,stat,args"
    And the exit status is 0

  Scenario: top, uptime and free run
    When I run `bin/run /bin/busybox sh -c 'top -bn1; uptime; free'`
    Then stdout contains "load average: 0.00, 0.00, 0.00"
    And stdout contains "top -bn1"
    And stdout contains "Swap:             0           0           0"
    And stderr is empty

  Scenario: Every file can be read, in pieces of any size
    When I run:
      """
      bin/run /bin/busybox sh -c '
      find /proc -type f ! -path "/proc/[2-9]*" | while read -r file; do
        case $file in /proc/sys/kernel/random/uuid|*/mem) continue; esac
        dd if=$file bs=7 of=/dev/null 2> /tmp/dd || echo "$file: $(cat /tmp/dd)"
      done
      find /proc /proc/self/ -type f | wc -l > /tmp/count
      [ $(cat /tmp/count) -gt 80 ] || cat /tmp/count'
      """
    Then stdout is empty
    And stderr is empty

  Scenario: The host's name is a file
    When I run `bin/run /bin/busybox sh -c 'echo box > /proc/sys/kernel/hostname; hostname'`
    Then stdout is "box\n"

  Scenario: A descriptor is a link to its file
    When I run `bin/run /bin/busybox sh -c 'echo one > /tmp/f; cat /dev/fd/3 3< /tmp/f; readlink /proc/self/fd/3 3< /tmp/f; rm /tmp/f' < /dev/null`
    Then stdout is "one\n/tmp/f\n"

  Scenario: Standard streams have names
    When I run `bin/run /bin/busybox sh -c 'echo in | cat /dev/stdin > /dev/stdout; echo err > /dev/stderr; (echo piped > /dev/stdout) | cat'`
    Then stdout is "in\npiped\n"
    And stderr is "err\n"

  Scenario: Looking at all processes while they come and go
    When I run:
      """
      bin/run --timeout 60 /bin/busybox sh -c '
      for i in $(seq 60); do /bin/busybox true & done
      for i in 1 2 3 4 5; do cat /proc/[0-9]*/stat /proc/[0-9]*/maps /proc/[0-9]*/status; ls -l /proc/[0-9]*/fd; done > /tmp/all 2> /tmp/gone
      wait
      echo done'
      """
    Then stdout is "done\n"
    And the exit status is 0
