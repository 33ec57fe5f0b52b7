/* sqlite DATABASE: runs the SQL that comes on stdin, prints rows, values apart by '|'. */
#include <sqlite3.h>
#include <stdio.h>

static int row(void *unused, int count, char **values, char **names)
{
	for (int i = 0; i < count; i++)
		printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
	puts("");
	return 0;
}

int main(int argc, char **argv)
{
	static char sql[1 << 20];
	char *error = NULL;
	sqlite3 *db;

	sql[fread(sql, 1, sizeof(sql) - 1, stdin)] = '\0';
	if (sqlite3_open(argv[1], &db) || sqlite3_exec(db, sql, row, NULL, &error)) {
		fprintf(stderr, "%s\n", error ? error : sqlite3_errmsg(db));
		return 1;
	}
	return sqlite3_close(db);
}
