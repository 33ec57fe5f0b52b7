Feature: A machine to work in
  Without a PROGRAM, `bin/run` is a shell in a machine of its own.

  Scenario: the shell greets, knows the terminal, and ends the machine
    Given a terminal of 33 rows and 101 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "Ctrl-A X leaves" and "Cor" and "MiB of memory, 1 CPU, booted in" and "root@cor:~# "
    When I type "tty; stty size; echo $TERM; pwd"
    Then it shows "/dev/ttyS0" and "33 101" and "xterm" and "/root" and "# "
    When the terminal becomes 20 rows and 50 columns
    And I type "stty size"
    Then it shows "20 50" and "# "
    When I type "trap 'echo resized' WINCH; sleep 1"
    And the terminal becomes 24 rows and 80 columns
    Then it shows "resized" and "# "
    When I type "cat /etc/passwd | grep root | wc -l"
    Then it shows "1" and "# "
    When I type "sh -c 'exit 3'"
    And I press Ctrl-D
    Then it ends with status 3
    And the terminal is as it was

  Scenario: job control
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "# "
    When I type "sleep 100"
    And I press Ctrl-C
    Then it shows "^C" and "# "
    When I type "echo status $?"
    Then it shows "status 130" and "# "
    When I type "sleep 100"
    And I press Ctrl-Z
    Then it shows "Stopped" and "# "
    When I type "bg"
    Then it shows "sleep 100" and "# "
    When I type "jobs"
    Then it shows "Running" and "# "
    When I type "fg"
    And I press Ctrl-\
    Then it shows "Quit" and "# "
    When I type "yes | head -c 3000000 | md5sum"
    Then it shows "f30a749ec7a7b55d3a75349f242c4cd8" and "# "
    When I type "yes"
    And I press Ctrl-C
    Then it shows "^C" and "# "
    When I type "cat"
    And I type "a line"
    Then it shows "a line" and "a line"
    When I press Ctrl-D
    Then it shows "# "
    When I type "exit 5"
    Then it ends with status 5

  Scenario: programs that take the whole screen
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "# "
    When I type "vi /tmp/text"
    Then it shows "/tmp/text"
    When I press the keys "ione\rtwo\e"
    And I press the keys "kx:wq\r"
    Then it shows "2L, 7C" and "# "
    When I type "cat /tmp/text"
    Then it shows "on" and "two" and "# "
    When I type "top"
    Then it shows "Mem:" and "COMMAND" and "/sbin/init"
    When I press the keys "q"
    Then it shows "# "
    When I type "seq 100 | less"
    Then it shows "23"
    When I press the keys "G"
    Then it shows "100"
    When I press the keys "q"
    Then it shows "# "
    When I type "stty -a"
    Then it shows "icanon" and "echo" and "# "
    When I type "exit"
    Then it ends with status 0

  Scenario: long texts, typed and shown
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "# "
    When I type "stty -echo; cat > /tmp/text; stty echo; md5sum < /tmp/text"
    And I paste 2000 random lines
    And I press Ctrl-D
    Then it shows their checksum
    And it shows "# "
    When I type "yes 'Cor: y' | head -n 50000; echo all of it"
    Then it shows "all of it" and "all of it"
    When I press the keys "\x01x"
    Then it ends with status 0

  Scenario: leaving, whatever runs
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "# "
    When I type "cat"
    And I press the keys "\x01a"
    Then it shows "^A"
    When I press the keys "\x01?"
    Then it shows "Ctrl-A X leaves"
    When I press the keys "\x01x"
    Then it ends with status 0
    And the terminal is as it was

  Scenario Outline: a signal from outside
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "# "
    When bin/run gets SIG<signal>
    Then it ends with status <status>
    And the terminal is as it was

    Examples:
      | signal | status |
      | TERM   | 143    |
      | HUP    | 129    |
      | QUIT   | 131    |

  Scenario: commands that switch it off and on again
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "root@cor:~# "
    When I type "touch /tmp/gone; reboot"
    Then it shows "booted in" and "root@cor:~# "
    When the terminal becomes 20 rows and 50 columns
    And I type "stty size; ls /tmp"
    Then it shows "20 50" and "# "
    When I type "sleep 1000 & poweroff"
    Then it ends with status 0
    And the terminal is as it was

  Scenario: a machine that is halted stays until somebody leaves it
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "root@cor:~# "
    When I type "halt"
    Then it shows "the machine is halted"
    When I press the keys "\x01x"
    Then it ends with status 0
    And the terminal is as it was

  Scenario: a shell that is killed is started again, and what nobody waits for is reaped
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "root@cor:~# "
    When I type "stty raw -echo; kill -9 $$"
    Then it shows "booted in" and "root@cor:~# "
    When I type "stty; trap"
    Then it shows "115200" and "# "
    When I type "for i in `seq 50`; do (sh -c '(true &)' &); done; sleep 2; echo zombies: $(/bin/ps | awk '$4 == "Z"' | wc -l)"
    Then it shows "zombies: 0" and "# "
    When I type "exit"
    Then it ends with status 0

  Scenario: small programs of our own
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100` in it
    Then it shows "# "
    When I type "hello; /bin/ps"
    Then it shows "Hello from a program of its own." and "PID" and "/sbin/init" and "ttyS0" and "# "
    When I type "/bin/free; /bin/dmesg | head -3"
    Then it shows "available" and "cpu features" and "# "
    When I type "sysinfo"
    Then it shows "processor" and "from the boot sector to init" and "page-cache" and "serial" and "# "
    When I type "dmesg -n 1; exit"
    Then it ends with status 0

  Scenario: a warning of the kernel begins a line of its own
    Given a terminal of 24 rows and 80 columns
    When I start `bin/run --timeout 100 -m 64 --append log=warn` in it
    Then it shows "root@cor:~# "
    When I type "printf half; tail /dev/zero; echo $?"
    Then it shows "half\r\n[" and "killed: out of memory" and "137" and "# "
    When I type "exit"
    Then it ends with status 0

  Scenario: a kernel that fails is heard
    When I run `mkdir -p root/sbin && cp -L ./hello root/sbin/init`
    And a terminal of 24 rows and 80 columns
    And I start `bin/run --root FOLDER/root` in it
    Then it shows "hello" and "Kernel panic: process 1 has ended" and "Powering off." and "the machine has failed"
    And it ends with status 125
    And the terminal is as it was

  Scenario: a process 1 that waits for signals gets them
    When I run `mkdir -p root/sbin && cp -L ./first root/sbin/init`
    And a terminal of 24 rows and 80 columns
    And I start `bin/run --root FOLDER/root` in it
    Then it shows "process 1 got 10 15 17, and lives"
    And it ends with status 0

  Scenario: commands from a pipe
    When I run `printf 'pwd; tty\nls -d /bin/vi /sbin/init\nexit 7\n' | bin/run`
    Then stdout is "/\nnot a tty\n/bin/vi\n/sbin/init\n"
    And stderr is empty
    And the exit status is 7
    When I run `bin/run < /dev/null`
    Then stdout is empty
    And the exit status is 0

  Scenario: a script with 5,000 forks
    Given a file "script" with "i=0\nwhile [ $i -lt 5000 ]; do (exit 0); i=$((i+1)); done\necho $i done\n"
    When I run `bin/run --timeout 200 < script`
    Then stdout is "5000 done\n"

  Scenario: what is on the PCI bus is what Linux finds there
    When I run `echo lspci | bin/run > cor && echo lspci | bin/run --kernel linux --timeout 100 > linux; wc -l < cor`
    Then the file "cor" contains "00:00.0 0600 8086:1237 host bridge"
    And the file "cor" contains "1af4:1003 communication controller"
    When I run `grep -v 1af4:1001 cor | cut -c 9- > a; cut -c 9- linux > b; cmp a b`
    Then the exit status is 0

  Scenario: a root of one's own keeps what it brings
    Given a file "root/etc/profile" with "PS1='mine> '\n"
    And a file "root/bin/free" with "#!/bin/sh\necho free as in beer\n"
    When I run `chmod +x root/bin/free && printf '/bin/free\ncat /etc/profile\nls /bin/sh' | bin/run --root root`
    Then stdout is "free as in beer\nPS1='mine> '\n/bin/sh\n"

  Scenario: the same machine as a disk
    When I run `bin/image -o disk.img --append log=warn`
    And a terminal of 24 rows and 80 columns
    And I start the disk "disk.img" with its serial port in it
    Then it shows "booted in" and "root@cor:~# "
    When I type "echo $TERM; exit"
    Then it shows "vt220" and "booted in" and "root@cor:~# "
    When I type "poweroff"
    Then it ends with status 0

  Scenario: the same machine under Linux
    When I run `printf 'uname -s; lspci; exit 4\n' | bin/run --kernel linux --timeout 100`
    Then stdout contains "Linux\n00:00.0 0600 8086:1237 host bridge\n00:01.0 0601 8086:7000 ISA bridge\n"
    And the exit status is 4
