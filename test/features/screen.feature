Feature: The screen and the keyboard
  On a disk (`bin/image`) a shell runs on the screen, too, with a PS/2 keyboard.

  Scenario: a shell at the screen
    When I run `bin/image -o disk.img`
    And the disk "disk.img" boots on a machine with "-m 128 -device VGA"
    Then the screen shows "root@cor:~#"
    When the keyboard types "tty; stty size; echo $TERM"
    Then the screen shows "/dev/tty1"
    And the screen shows "25 80"
    And the screen shows "linux"
    When the keyboard types "sleep 1000"
    And the keys "ctrl-c" are pressed
    And the keyboard types "echo status $?"
    Then the screen shows "status 130"
    When the keyboard types "vi /tmp/text"
    Then the screen shows "- /tmp/text"
    When the keyboard types "iHello World!"
    And the keys "x y esc" are pressed
    Then the screen shows "- /tmp/text [Modified]"
    When the keys "up end x" are pressed
    And the keyboard types ":wq"
    And the keyboard types "wc -c /tmp/text; cat /tmp/text"
    Then the screen shows "15 /tmp/text"
    And the screen shows "Hello World"
    When the keyboard types "printf '\033[31;1mred\033[m \303\251\n'"
    Then the screen shows "red \x82"
    And the screen shows "red" in colour 0c
    When the keyboard types "seq 300 | tail -1; stty -echo; echo ready"
    Then the screen shows "300"
    When the keys "caps_lock a caps_lock b kp_3 num_lock kp_3 num_lock ret" are pressed
    Then the screen shows "sh: Ab3: not found"
    When the keyboard types "poweroff"
    Then the machine goes off

  Scenario: a program that reads the keys
    When I run `bin/image -o disk.img busybox sh -c 'stty -icanon -echo min 1; dd bs=1 count=24 2>/dev/null | od -c; sleep 1'`
    And the disk "disk.img" boots on a machine with "-m 128 -device VGA"
    Then the serial port says "process-1"
    When the keys "f1 f12 home pgdn delete alt-x backspace" are pressed
    Then the serial port says "033   [   [   A 033   [   2   4   ~ 033   [   1   ~ 033   [   6"
    And the serial port says "~ 033   [   3   ~ 033   x 177"
    And the machine goes off

  Scenario Outline: what is not there costs nothing
    When I run `bin/image -o disk.img busybox sh -c 'ls /dev | grep -c tty; tty; stty size'`
    And the disk "disk.img" boots on a machine with "-m 128 <machine>"
    Then the serial port says "<terminals>"
    And the serial port says "/dev/console"
    And the machine goes off

    Examples:
      | machine                              | terminals |
      | -device VGA                          | 4         |
      | -device VGA -machine pc,i8042=off    | 4         |
      | -machine q35                         | 2         |

  Scenario: a machine without a serial port
    When I run `bin/image -o disk.img`
    And the disk "disk.img" boots on a machine with "-m 128 -device VGA -serial none"
    Then the screen shows "root@cor:~#"
    When the keyboard types "ls /dev/ttyS0 /dev/console"
    Then the screen shows "ls: /dev/ttyS0: No such file"
    When the keyboard types "poweroff"
    Then the machine goes off
