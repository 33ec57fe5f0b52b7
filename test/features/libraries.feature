Feature: Programs with large libraries in them
  Linked statically with Debian's own liblua5.4.a and libsqlite3.a, working on real files.

  Scenario: Lua reads and writes files
    Given a file "root/work/script.lua":
      """
      local out = assert(io.open("/tmp/squares", "w"))
      for i = 1, 10000 do out:write(i * i, "\n") end
      out:close()
      local sum, lines = 0, 0
      for line in io.lines("/tmp/squares") do
        sum, lines = sum + tonumber(line), lines + 1
      end
      print(lines, sum)
      local t = {}
      for w in ("the quick brown fox"):gmatch("%a+") do t[#t + 1] = w:reverse() end
      table.sort(t)
      print(table.concat(t, " "))
      print(string.format("%.10f", math.sin(1) ^ 2 + math.cos(1) ^ 2))
      print(pcall(error, "caught"))
      print((select(2, io.open("/missing"))))
      assert(os.remove("/tmp/squares"))
      os.exit(5)
      """
    When I run `bin/run --timeout 60 --root root ./lua /work/script.lua`
    Then stdout is:
      """
      10000	333383335000
      eht kciuq nworb xof
      1.0000000000
      false	caught
      /missing: No such file or directory
      """
    And the exit status is 5

  Scenario: SQLite keeps a database in a file
    When I run:
      """
      {
        echo "create table t (id integer primary key, name text, size real);"
        echo "create index by_name on t (name);"
        echo "begin;"
        for i in $(seq 1 2000); do
          echo "insert into t values ($i, 'name $((i * 7919 % 2003))', $i / 4.0);"
        done
        echo "commit;"
        echo "select count(*), sum(size), min(name), max(name) from t;"
        echo "delete from t where id % 2 = 0;"
        echo "update t set size = size * 2 where name like '%9';"
        echo "vacuum;"
        echo "select count(*), total(size) from t;"
        echo "select * from t order by name limit 3;"
        echo "pragma integrity_check;"
      } > sql
      ./sqlite :memory: < sql > here
      bin/run --timeout 60 ./sqlite /tmp/test.db < sql > there
      cmp here there && cat there | wc -l
      """
    Then stdout is "6\n"
    And the exit status is 0
