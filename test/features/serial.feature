Feature: The serial port
  What is at the other end of a cable: a break, a carrier.

  Scenario: a break is an interrupt where that is asked for
    When I run `bin/image -o disk.img busybox sh -c 'trap "echo interrupted" INT; stty brkint; echo ready; sleep 1000; echo over'`
    And the disk "disk.img" boots with a cable at its serial port
    Then the serial port says "ready"
    When a break comes
    Then the serial port says "interrupted"
    And the serial port says "over"
    And the machine goes off

  Scenario: a carrier comes and goes
    When I run `bin/image -o disk.img ./carrier`
    And the disk "disk.img" boots with a modem at its serial port, which has no carrier
    Then the serial port says "carrier: 0"
    And the serial port says "open: -1 Interrupted system call"
    And the serial port says "waiting"
    When the modem has a carrier
    Then the serial port says "it came: 1"
    And the serial port says "a session has it"
    When the modem has no carrier
    Then the serial port says "read: 0"
    And the serial port says "read again: 0, SIGHUP: 1"
    And the serial port says "write: -1 I/O error"
    And the serial port says "the end"
    And the machine goes off

  Scenario: hardware flow control
    When I run `bin/image -o disk.img busybox sh -c 'stty crtscts < /dev/ttyS0; for i in $(seq 1 100); do echo line $i; sleep 0.1; done'`
    And the disk "disk.img" boots with a modem at its serial port, which has no carrier
    Then the serial port says "line 3"
    When the modem takes no bytes
    Then the serial port says no more
    When the modem takes bytes
    Then the serial port says "line 100"
    And the machine goes off
