Feature: The machine as a disk
  bin/image writes what bin/run boots: a raw disk for a USB stick or a hypervisor.

  Scenario: A disk that runs a program and turns the machine off
    When I run `bin/image -o disk.img -e WHO=world ./env`
    Then the exit status is 0
    And stderr is empty
    When the disk "disk.img" boots on a machine with "-m 64"
    Then the serial port says "WHO=world"
    And the machine goes off

  Scenario: A root of its own
    Given a file "root/etc/motto" with "small and complete\n"
    When I run `bin/image --root root -o disk.img busybox cat /etc/motto`
    And the disk "disk.img" boots on a machine with "-m 64"
    Then the serial port says "small and complete"
    And the machine goes off

  Scenario: Where to is not said
    When I run `bin/image ./hello`
    Then the exit status is 125
    And stderr contains "-o FILE is missing"

  Scenario: What is no file is not replaced by one
    When I run `mkfifo pipe && bin/image -o pipe ./hello; echo $? && test -p pipe`
    Then the exit status is 0
    And stdout is "125\n"
    And stderr contains "then dd it to the device"

  Scenario: It has a partition table
    When I run `bin/image -o disk.img ./hello && busybox fdisk -l disk.img | grep -c '^disk.img1 *\*'`
    Then stdout is "1\n"
