/* Prints on stderr, or else stdout, which of the descriptors 0 to 9 are open. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	char text[32] = "open:";

	for (int fd = 0; fd < 10; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			sprintf(text + strlen(text), " %d", fd);
	strcat(text, "\n");
	if (write(2, text, strlen(text)) < 0)
		write(1, text, strlen(text));
	return 0;
}
