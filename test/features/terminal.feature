Feature: A program at a terminal

  Scenario: a shell with job control
    Given a terminal of 33 rows and 101 columns
    When I start `bin/run --timeout 60 busybox sh` in it
    Then it shows "# "
    When I type "stty size; echo $TERM"
    Then it shows "33 101" and "xterm" and "# "
    When I type "sleep 100"
    And I press Ctrl-C
    Then it shows "^C" and "# "
    When I type "echo status $?"
    Then it shows "status 130" and "# "
    When the terminal becomes 20 rows and 50 columns
    And I type "stty size"
    Then it shows "20 50" and "# "
    When I type "sleep 100"
    And I press Ctrl-Z
    Then it shows "Stopped" and "# "
    When I type "bg"
    Then it shows "sleep 100" and "# "
    When I type "fg"
    And I press Ctrl-C
    Then it shows "^C" and "# "
    When I type "sh -c 'exit 3'"
    Then it shows "# "
    When I press Ctrl-D
    Then it ends with status 3
    And the terminal is as it was

  Scenario: a program on a disk, at the serial port
    When I run `bin/image -o disk.img --append log=warn busybox sh`
    And a terminal of 24 rows and 80 columns
    And I start the disk "disk.img" with its serial port in it
    Then it shows "# "
    When I type "tty; stty"
    Then it shows "/dev/console" and "115200 baud" and "# "
    When I type "sleep 100"
    And I press Ctrl-C
    Then it shows "^C" and "# "
    When I type "sleep 100"
    And I press Ctrl-Z
    Then it shows "Stopped" and "# "
    When I type "kill -9 %1; cat"
    And I type "a line"
    Then it shows "a line" and "a line"
    When I press Ctrl-D
    Then it shows "# "
    When I type "exit"
    Then it ends with status 0
