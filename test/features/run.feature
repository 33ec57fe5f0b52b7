Feature: One program in a machine of its own
  bin/run ./prog is like ./prog: the same streams, the same arguments, the same exit status.

  Scenario: A first program
    When I run `bin/run ./hello`
    Then stdout is "hello\n"
    And stderr is empty
    And the exit status is 0

  Scenario Outline: The exit status is the program's
    When I run `bin/run ./end <how>`
    Then the exit status is <status>
    And stdout is empty
    And stderr is empty

    Examples:
      | how   | status |
      | 0     | 0      |
      | 7     | 7      |
      | 255   | 255    |
      | segv  | 139    |
      | abort | 134    |

  Scenario Outline: A program that does not end
    When I run `bin/run --timeout 8 ./end <how>`
    Then the exit status is 124
    And stderr contains "stopped after 8 seconds"

    Examples:
      | how   |
      | never |
      | spin  |

  Scenario: Ctrl-C ends it
    When I run `timeout --preserve-status -s INT 8 bin/run ./end never`
    Then the exit status is 130

  Scenario: 64 MiB pass through unchanged
    Given a file "in" of 64 MiB of random bytes
    When I run `bin/run --timeout 120 busybox cat < in > out`
    Then the exit status is 0
    And the files "in" and "out" are the same

  Scenario: stdout and stderr are apart
    When I run `bin/run ./both`
    Then stdout is "out 0\nout 1\nout 2\n"
    And stderr is "err 0\nerr 1\nerr 2\n"

  Scenario: The reader of stdout goes
    When I run `bin/run --timeout 60 ./yes | head -n 1; echo "${PIPESTATUS[0]}"`
    Then stdout is "y\n141\n"
    And stderr is empty

  Scenario: Appending keeps what was there
    Given a file "log" with "first\n"
    When I run `bin/run ./hello >> log`
    Then the file "log" is "first\nhello\n"

  Scenario: Both streams into one file lose nothing
    When I run `bin/run ./both 2000 > log 2>&1`
    Then the exit status is 0
    And the file "log" has 4000 lines

  Scenario: No input
    When I run `bin/run busybox wc -c < /dev/null`
    Then stdout is "0\n"
    And the exit status is 0

  Scenario: Input ends
    When I run `printf 'one\ntwo\n' | bin/run busybox wc -l`
    Then stdout is "2\n"

  Scenario: Input that nobody reads
    When I run `busybox yes | bin/run ./hello`
    Then stdout is "hello\n"
    And the exit status is 0

  Scenario Outline: Descriptors that are closed here are closed there
    When I run `bin/run ./descriptors <closed>`
    Then <stream> is "open: <open>\n"

    Examples:
      | closed | stream | open  |
      |        | stderr | 0 1 2 |
      | <&-    | stderr | 1 2   |
      | >&-    | stderr | 0 2   |
      | 2>&-   | stdout | 0 1   |

  Scenario: stdout is a socket
    When I run `socat -u "EXEC:'bin/run ./hello'" CREATE:out && cat out`
    Then stdout is "hello\n"

  Scenario: A slow reader loses nothing
    When I run `bin/run busybox seq 1 20000 | (sleep 6; busybox sha256sum)`
    Then stdout is "f6351f5ead9a700e34275480b3856ea738122a7c57bdeb744a631251c069587a  -\n"

  Scenario Outline: Arguments arrive as they are
    When I run `bin/run ./args <arguments>`
    Then stdout is "<printed>\n"

    Examples:
      | arguments               | printed                 |
      |                         |                         |
      | a b c                   | [a][b][c]               |
      | 'a b' "c  d"            | [a b][c  d]             |
      | '' x ''                 | [][x][]                 |
      | "it's" '$HOME' '*'      | [it's][$HOME][*]        |
      | $'one\\ntwo' $'t\\tab'   | [one\\ntwo][t\\tab]     |
      | -m --help --timeout     | [-m][--help][--timeout] |

  Scenario: The environment is what is asked for
    When I run `SECRET=1 bin/run -e A=1 -e 'B=two words' -e A=3 -e EMPTY= ./env | sort`
    Then stdout is:
      """
      A=3
      B=two words
      EMPTY=
      HOME=/root
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      """

  Scenario: A folder laid over the root
    Given a file "root/etc/greeting" with "good day\n"
    When I run `bin/run --root root busybox cat /etc/greeting /etc/hostname`
    Then stdout is "good day\ncor\n"

  Scenario: A tar file laid over the root, the later one wins
    Given a file "one/a" with "1\n"
    And a file "one/b" with "1\n"
    And a file "two/b" with "2\n"
    When I run `tar -czf one.tgz -C one . && bin/run --root one.tgz --root two busybox cat /a /b`
    Then stdout is "1\n2\n"

  Scenario: A program of the root runs where it is, and before the host's
    Given a file "root/usr/local/bin/ls" with "#!/bin/sh\necho own $0 $1\n"
    And a file "root/usr/bin/text" with "just text\n"
    When I run:
      """
      cp $(command -v busybox) root/usr/bin/ && ln -s usr/bin root/bin && ln -s busybox root/usr/bin/sh
      ln -s ../local/bin/ls root/usr/bin/list; chmod +x root/usr/local/bin/ls root/usr/bin/text
      tar -cf root.tar -C root .
      for program in ls /usr/bin/list /bin/busybox; do bin/run --root root.tar $program true; done
      bin/run --root root text
      """
    Then stdout is "own /usr/local/bin/ls true\nown /usr/bin/list true\n"
    And the exit status is 126
    And stderr contains "text: Exec format error"

  Scenario: Programs of other makes
    When I run `bin/run ./glibc`
    Then stdout is "glibc 2, 1970-01-01\n"
    When I run `bin/run ./pie | head -n 1`
    Then stdout is "1\n"

  Scenario Outline: What cannot be started is said
    Given "short" is the first 5000 bytes of "./hello"
    And "stub" is the first 40 bytes of "./hello"
    And "foreign" is "./hello" for another machine
    And an executable file "text" with "just text\n"
    And an executable file "script" with "#!\necho hi\n"
    And a file "plain" with "not executable"
    When I run `bin/run <program>`
    Then the exit status is <status>
    And stdout is empty
    And stderr contains "<words>"

    Examples:
      | program        | status | words                                  |
      | ./missing      | 127    | No such file or directory              |
      | no-such-thing  | 127    | not found along PATH                   |
      | ./short        | 126    | truncated                              |
      | ./stub         | 126    | truncated                              |
      | ./foreign      | 126    | for another machine                    |
      | ./text         | 126    | not a program                          |
      | ./script       | 126    | names no interpreter                   |
      | ./plain        | 126    | not executable                         |
      | /tmp           | 126    | is a directory                         |

  Scenario Outline: Options are obeyed or refused
    When I run `bin/run <options> ./hello`
    Then the exit status is 125
    And stderr contains "<words>"

    Examples:
      | options          | words               |
      | -p 8080:80       | not in this version |
      | --disk missing   | No such file        |
      | --no-such-option | no such option      |
      | -m much          | a number            |
      | --timeout never  | seconds are wanted  |
      | -e NAME          | NAME=VALUE          |
      | --root missing   | No such file        |
      | --kernel minix   | not a value         |
      | -m 4             | too little memory   |
      | -m 9000000       | a number            |
      | -smp 0           | a number            |

  Scenario: Devices that share interrupt lines
    When I run `bin/run --qemu '-global virtio-blk-pci.vectors=0 -global virtio-serial-pci.vectors=0' busybox cat < /bin/busybox | cmp - /bin/busybox`
    Then the exit status is 0

  Scenario: By another name, from another folder
    When I run `ln -s bin/run "my cor" && cd / && "$OLDPWD/my cor" "$OLDPWD"/hello ./hello`
    Then stdout is "hello\n"

  Scenario: Help
    When I run `bin/run --help && bin/image --help`
    Then the exit status is 0
    And stdout contains "--timeout SECONDS"
    And stdout contains "bin/image [options] -o disk.img"

  Scenario: The kernel's log goes where it is wanted
    When I run `bin/run --log log ./hello`
    Then stdout is "hello\n"
    And stderr is empty
    And the file "log" contains "Cor"

  Scenario: A second run builds nothing
    When I run `bin/run ./hello && bin/run ./hello`
    Then stderr is empty

  Scenario: Where the time of the boot went
    When I run `bin/run --boot-times ./hello`
    Then stdout is "hello\n"
    And stderr contains "bios"
    And stderr contains "loader"
    And stderr contains "init"
