/* Enters 32-bit code through the selector that Linux has for it, and calls the system from there:
 * on AMD's processors SYSCALL then goes another way than from 64-bit code. */
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	static const unsigned char code[] = { 0x0f, 0x05, 0xf4 }; /* syscall; hlt */
	static const struct {
		unsigned offset;
		unsigned short selector;
	} far = { 0x200000, 0x23 };
	void *low = mmap((void *)0x200000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	memcpy(low, code, sizeof(code));
	__asm__ volatile("ljmp *%0" : : "m"(far));
	return 0;
}
