Feature: Programs that tell of the machine
  Debian's own: what they read in /proc and /sys is there.

  Scenario: ps aux
    When I run `bin/run --timeout 60 ps aux`
    Then stdout contains "USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nroot         1 "
    And stdout contains " ps aux\n"
    And stderr is empty
    And the exit status is 0

  Scenario: free and uptime
    When I run `bin/run --timeout 60 free -m && bin/run --timeout 60 uptime`
    Then stdout contains "Swap:              0           0           0\n"
    And stdout contains " up 0 min,  0 user"
    And stdout contains "load average: 0.00, 0.00, 0.00\n"
    And stderr is empty

  Scenario: vmstat
    When I run `bin/run --timeout 60 vmstat`
    Then stdout contains " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n 1  0      0 "
    And stderr is empty

  Scenario: top
    When I run:
      """
      mkdir -p root/lib/terminfo/d && cp /lib/terminfo/d/dumb root/lib/terminfo/d/
      bin/run --timeout 60 --root root -e TERM=dumb top -b -n1
      """
    Then stdout contains "Tasks:   2 total,   1 running,   1 sleeping,   0 stopped,   0 zombie\n"
    And stdout contains "MiB Swap:      0.0 total,      0.0 free,      0.0 used."
    And stdout contains " top\n"
    And the exit status is 0

  Scenario: The load of a busy machine
    When I run:
      """
      bin/run --timeout 100 /bin/busybox sh -c '
      while :; do :; done & while :; do :; done &
      i=0; while [ $i -lt 40 ] && grep -q "^0.0" /proc/loadavg; do sleep 0.5; i=$((i + 1)); done
      awk "{ print (\$1 > \$2 && \$2 > \$3) ? \"rises\" : \$0 }" /proc/loadavg
      kill %1 %2'
      """
    Then stdout is "rises\n"

  Scenario: lsblk, with partitions
    When I run:
      """
      truncate -s 20M disk && printf 'label: dos\n2048,4096\n,,\n' | sfdisk -q disk && cp disk other
      bin/run --timeout 60 --disk disk --disk other,ro lsblk -b -o NAME,MAJ:MIN,SIZE,RO,TYPE /dev/vdb /dev/vdc
      """
    Then stdout is:
      """
      NAME   MAJ:MIN     SIZE RO TYPE
      vdb    254:16  20971520  0 disk
      |-vdb1 254:17   2097152  0 part
      `-vdb2 254:18  17825792  0 part
      vdc    254:32  20971520  1 disk
      |-vdc1 254:33   2097152  1 part
      `-vdc2 254:34  17825792  1 part
      """
    And stderr is empty

  Scenario: lscpu, nproc, and the C library's count of CPUs
    When I run `bin/run -smp 2 --timeout 60 lscpu && bin/run --timeout 60 nproc --all && bin/run -smp 2 --timeout 60 getconf _NPROCESSORS_ONLN && bin/run -smp 2 --timeout 60 getconf _NPROCESSORS_CONF`
    Then stdout contains "CPU(s):               2\nOn-line CPU(s) list:  0\nOff-line CPU(s) list: 1\n"
    And stdout contains "NUMA node0 CPU(s):    0\n"
    And stdout contains "\n1\n1\n2\n"
    And stderr is empty

  Scenario: lspci
    When I run `truncate -s 1M disk && bin/run --timeout 60 --disk disk lspci -n && bin/run --timeout 60 --disk disk lspci -nk -s 00:05`
    Then stdout contains "00:00.0 0600: 8086:1237 (rev 02)\n00:01.0 0601: 8086:7000\n"
    And stdout contains "00:05.0 0100: 1af4:1001\n"
    And stdout contains "Kernel driver in use: virtio-blk\n"

  Scenario: Every file of /sys can be read
    When I run:
      """
      truncate -s 20M disk && printf 'label: gpt\n2048,4096\n,,\n' | sfdisk -q disk
      bin/run --timeout 60 --disk disk /bin/busybox sh -c '
      find /sys -type f | while read -r file; do
        dd if=$file bs=7 of=/dev/null 2> /tmp/dd || echo "$file: $(cat /tmp/dd)"
      done
      find /sys -type l | while read -r link; do [ -e $link ] || echo "$link leads nowhere"; done
      [ $(find /sys | wc -l) -gt 150 ] || find /sys'
      """
    Then stdout is empty
    And stderr is empty
