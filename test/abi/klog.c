/* The kernel's log: syslog(2). What it says differs, so only forms and errors are compared. */
#include "show.h"

#include <ctype.h>
#include <sys/klog.h>

static char text[1 << 20];

/* "<6>[    0.001234] text" */
static int is_line(const char *at)
{
	return at[0] == '<' && isdigit(at[1]) && at[2] == '>' && at[3] == '[' && strchr(at, ']');
}

int main(void)
{
	long size, n;

	SHOW(klogctl(0, NULL, 0));
	SHOW(klogctl(1, NULL, 0));
	SHOW((size = klogctl(10, NULL, 0)) >= 4096);
	SHOW((n = klogctl(3, text, sizeof(text))) > 100);
	SHOW(is_line(text));
	SHOW(text[n - 1] == '\n');
	SHOW((n = klogctl(3, text, 500)) > 0);
	SHOW(n <= 500);
	SHOW(is_line(text));
	SHOW(klogctl(9, NULL, 0) > 100);
	SHOW((n = klogctl(2, text, 400)) > 0);
	SHOW(is_line(text));
	SHOW(klogctl(3, NULL, 10));
	SHOW(klogctl(3, text, -1));
	SHOW(klogctl(3, text, 0));
	SHOW(klogctl(2, NULL, 10));
	SHOW(klogctl(2, text, 0));
	SHOW(klogctl(3, (char *)8, 500));
	SHOW(klogctl(8, NULL, 0));
	SHOW(klogctl(8, NULL, 9));
	SHOW(klogctl(8, NULL, 1));
	SHOW(klogctl(6, NULL, 0));
	SHOW(klogctl(7, NULL, 0));
	SHOW(klogctl(8, NULL, 4));
	SHOW(klogctl(4, text, sizeof(text)) > 100);
	SHOW(klogctl(3, text, sizeof(text)));
	SHOW(klogctl(5, NULL, 0));
	SHOW(klogctl(11, NULL, 0));
	SHOW(klogctl(-1, NULL, 0));
	SHOW(setuid(1000));
	SHOW(klogctl(3, text, sizeof(text)));
	SHOW(klogctl(10, NULL, 0));
	SHOW(klogctl(8, NULL, 4));
	return 0;
}
