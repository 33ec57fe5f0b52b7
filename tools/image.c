/*
 * Writes disk images. It runs before each start of the machine, so it is quick: the parts are
 * copied inside the kernel of the host, and what is empty is a hole in the file. The flat binary
 * that the loader reads is made here, from the loadable segments of the kernel's ELF file.
 *
 * It knows nothing of what is in the archive.
 */
#include "image.h"

#include "abi/image.h"
#include "arch/memory_map.h"
#include "lib/crc32.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB          (1024 * 1024)
#define DISK_ID_AT   0x1b8 /* in the boot sector: the disk signature, then the partition table */
#define PARTITION_AT 0x1be
#define CHS_BEYOND   0xfffffe /* what a cylinder past 1023 is written as */
#define TYPE_PRIVATE 0xda     /* "non-file-system data": nobody offers to format it */

struct partition {
	uint8_t active;
	uint8_t first_chs[3];
	uint8_t type;
	uint8_t last_chs[3];
	uint8_t first_lba[4];
	uint8_t sectors[4];
};
_Static_assert(sizeof(struct partition) == 16, "an entry of the MBR partition table");

/* A file that is read: mapped whole. */
struct input {
	const char *path;
	const unsigned char *data;
	size_t bytes;
};

/* The image as it is put together: where the next part goes, and the two sectors that are known
 * last. */
struct image {
	int fd;
	uint64_t end; /* bytes, page aligned */
	unsigned char sector[IMAGE_SECTOR];
	struct image_header header;
};

static int input_open(struct input *input, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*input = (struct input){ .path = path };
	if (fd < 0 || fstat(fd, &st) < 0)
		goto fail;
	input->bytes = st.st_size;
	if (input->bytes != 0) {
		input->data = mmap(NULL, input->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
		if (input->data == MAP_FAILED)
			goto fail;
	}
	close(fd);
	return 0;
fail:
	warn("%s", path);
	if (fd >= 0)
		close(fd);
	return -1;
}

static void input_close(struct input *input)
{
	if (input->data)
		munmap((void *)input->data, input->bytes);
}

static int write_at(struct image *image, const void *data, size_t bytes, uint64_t offset)
{
	while (bytes > 0) {
		ssize_t n = pwrite(image->fd, data, bytes, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			warn("writing the image");
			return -1;
		}
		data = (const char *)data + n;
		bytes -= n;
		offset += n;
	}
	return 0;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = value >> (8 * i);
}

static uint32_t chs(uint64_t lba)
{
	uint64_t cylinder = lba / (255 * 63);
	uint32_t head = lba / 63 % 255;
	uint32_t sector = lba % 63 + 1;

	if (cylinder > 1023)
		return CHS_BEYOND;
	return head | sector << 8 | (cylinder >> 8) << 14 | (cylinder & 255) << 16;
}

/* The partition table: one active partition, from IMAGE_PART_LBA to the end. */
static void partition_fill(struct image *image, uint64_t image_bytes)
{
	struct partition *p = (struct partition *)(image->sector + PARTITION_AT);
	uint64_t sectors = image_bytes / IMAGE_SECTOR;
	uint32_t first = chs(IMAGE_PART_LBA), last = chs(sectors - 1);

	*p = (struct partition){ .active = 0x80, .type = TYPE_PRIVATE };
	for (int i = 0; i < 3; i++) {
		p->first_chs[i] = first >> (8 * i);
		p->last_chs[i] = last >> (8 * i);
	}
	put32(p->first_lba, IMAGE_PART_LBA);
	put32(p->sectors, sectors - IMAGE_PART_LBA);
	put32(image->sector + DISK_ID_AT, image->header.image_id);
}

static int sector_read(struct image *image, const char *path)
{
	struct input input;
	int result = -1;

	if (input_open(&input, path) < 0)
		return -1;
	if (input.bytes != IMAGE_SECTOR || input.data[510] != 0x55 || input.data[511] != 0xaa) {
		warnx("%s: not a boot sector", path);
	} else {
		memcpy(image->sector, input.data, IMAGE_SECTOR);
		result = 0;
	}
	input_close(&input);
	return result;
}

static int loader_write(struct image *image, const char *path)
{
	struct input input;
	int result = -1;

	if (input_open(&input, path) < 0)
		return -1;
	if (input.bytes == 0 || input.bytes > LOADER_SECTORS * IMAGE_SECTOR)
		warnx("%s: a loader has 1 to %d bytes", path, LOADER_SECTORS * IMAGE_SECTOR);
	else
		result = write_at(image, input.data, input.bytes, 2 * IMAGE_SECTOR);
	input_close(&input);
	return result;
}

static bool segment_valid(const struct input *elf, const Elf64_Phdr *p)
{
	return p->p_filesz <= p->p_memsz && p->p_offset <= elf->bytes &&
	       p->p_filesz <= elf->bytes - p->p_offset && p->p_paddr >= KERNEL_PADDR &&
	       p->p_memsz <= KERNEL_MAX_BYTES &&
	       p->p_paddr - KERNEL_PADDR <= KERNEL_MAX_BYTES - p->p_memsz;
}

/* Copies the loadable segments to `flat`, KERNEL_MAX_BYTES of zeros, and fills in what the header
 * says of the kernel. */
static int kernel_flatten(struct image *image, const struct input *elf, unsigned char *flat)
{
	const Elf64_Ehdr *e = (const void *)elf->data;
	struct image_header *h = &image->header;

	if (elf->bytes < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0 ||
		e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_machine != EM_X86_64 ||
		e->e_phentsize != sizeof(Elf64_Phdr) || e->e_phoff > elf->bytes ||
		e->e_phnum > (elf->bytes - e->e_phoff) / sizeof(Elf64_Phdr))
		goto invalid;
	h->kernel_entry = e->e_entry;
	for (int i = 0; i < e->e_phnum; i++) {
		const Elf64_Phdr *p = (const Elf64_Phdr *)(elf->data + e->e_phoff) + i;
		uint32_t at = p->p_paddr - KERNEL_PADDR;

		if (p->p_type != PT_LOAD || p->p_memsz == 0)
			continue;
		if (!segment_valid(elf, p))
			goto invalid;
		memcpy(flat + at, elf->data + p->p_offset, p->p_filesz);
		if (h->kernel_bytes < at + p->p_filesz)
			h->kernel_bytes = at + p->p_filesz;
		if (h->kernel_memory < at + p->p_memsz)
			h->kernel_memory = at + p->p_memsz;
	}
	if (e->e_entry < KERNEL_PADDR || e->e_entry - KERNEL_PADDR >= h->kernel_bytes)
		goto invalid;
	return 0;
invalid:
	warnx("%s: not a kernel: an x86-64 ELF file, loaded at 0x%x", elf->path, KERNEL_PADDR);
	return -1;
}

static uint64_t page_align(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & -(uint64_t)PAGE_SIZE;
}

static int kernel_write(struct image *image, const char *path)
{
	struct input elf;
	unsigned char *flat;
	int result = -1;

	if (input_open(&elf, path) < 0)
		return -1;
	flat = calloc(1, KERNEL_MAX_BYTES);
	if (!flat)
		warn("memory for the kernel");
	else if (kernel_flatten(image, &elf, flat) == 0) {
		struct image_header *h = &image->header;

		h->kernel_lba = image->end / IMAGE_SECTOR;
		h->kernel_crc32 = crc32(0, flat, h->kernel_bytes);
		result = write_at(image, flat, h->kernel_bytes, image->end);
		image->end += page_align(h->kernel_bytes);
	}
	free(flat);
	input_close(&elf);
	return result;
}

/* Copies what copy_file_range leaves: between file systems, or on an old kernel, that is all. */
static int copy_rest(struct image *image, int from, off_t done, off_t bytes, uint64_t to)
{
	static char buffer[256 * 1024];

	while (done < bytes) {
		ssize_t n = pread(from, buffer, sizeof(buffer), done);

		if (n <= 0) {
			warnx("the archive became shorter");
			return -1;
		}
		if (write_at(image, buffer, n, to + done) < 0)
			return -1;
		done += n;
	}
	return 0;
}

static int archive_write(struct image *image, const char *path)
{
	struct stat st;
	off_t done = 0, to = image->end;
	int result = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		warn("%s", path);
		goto close;
	}
	if (!S_ISREG(st.st_mode)) {
		warnx("%s: not a regular file", path);
		goto close;
	}
	while (done < st.st_size) {
		off_t from = done;
		ssize_t n = copy_file_range(fd, &from, image->fd, &to, st.st_size - done, 0);

		if (n <= 0)
			break;
		done += n;
	}
	if (copy_rest(image, fd, done, st.st_size, image->end) < 0)
		goto close;
	image->header.archive_lba = image->end / IMAGE_SECTOR;
	image->header.archive_bytes = st.st_size;
	image->end += page_align(st.st_size);
	result = 0;
close:
	if (fd >= 0)
		close(fd);
	return result;
}

static int header_fill(struct image *image, const struct image_spec *spec)
{
	struct image_header *h = &image->header;

	memcpy(h->magic, IMAGE_MAGIC, sizeof(h->magic));
	if (spec->load_archive)
		h->flags |= IMAGE_LOAD_ARCHIVE;
	if (spec->cmdline) {
		if (strlen(spec->cmdline) >= sizeof(h->cmdline)) {
			warnx("the kernel's command line has at most %zu bytes",
				sizeof(h->cmdline) - 1);
			return -1;
		}
		strcpy(h->cmdline, spec->cmdline);
	}
	if (getrandom(&h->image_id, sizeof(h->image_id), 0) != sizeof(h->image_id)) {
		warn("getrandom");
		return -1;
	}
	return 0;
}

static int image_fill(struct image *image, const struct image_spec *spec)
{
	uint64_t bytes;

	if (sector_read(image, spec->sector) < 0 || loader_write(image, spec->loader) < 0 ||
		header_fill(image, spec) < 0)
		return -1;
	if (spec->kernel && kernel_write(image, spec->kernel) < 0)
		return -1;
	if (spec->archive && archive_write(image, spec->archive) < 0)
		return -1;
	bytes = (image->end + MIB - 1) / MIB * MIB;
	if (bytes <= (uint64_t)IMAGE_PART_LBA * IMAGE_SECTOR)
		bytes += MIB; /* a partition is not empty */
	if (bytes / IMAGE_SECTOR > UINT32_MAX) {
		warnx("the image is too large: a partition ends at 2 TiB");
		return -1;
	}
	if (ftruncate(image->fd, bytes) < 0) {
		warn("making the image %llu bytes long", (unsigned long long)bytes);
		return -1;
	}
	partition_fill(image, bytes);
	image->header.header_crc32 = crc32(0, &image->header, sizeof(image->header));
	if (write_at(image, image->sector, IMAGE_SECTOR, 0) < 0)
		return -1;
	return write_at(image, &image->header, sizeof(image->header), IMAGE_SECTOR);
}

int image_write_fd(int fd, const struct image_spec *spec)
{
	struct image image = { .fd = fd, .end = (uint64_t)IMAGE_PART_LBA * IMAGE_SECTOR };

	return image_fill(&image, spec);
}

int image_write(const char *path, const struct image_spec *spec)
{
	struct stat old;
	char *temporary;
	int fd, result = -1;

	/* The new file takes the old one's place: not that of a folder, and not of /dev/sdb. */
	if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
		warnx("%s: %s", path,
			S_ISDIR(old.st_mode) ? "is a directory"
					     : "not a file; write the image to a file, then dd "
					       "it to the device");
		return -1;
	}
	if (asprintf(&temporary, "%s.%d", path, (int)getpid()) < 0) {
		warn("memory for a name");
		return -1;
	}
	fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		warn("%s", temporary);
		goto free;
	}
	result = image_write_fd(fd, spec);
	if (close(fd) < 0 || (result == 0 && rename(temporary, path) < 0)) {
		warn("%s", path);
		result = -1;
	}
	if (result < 0)
		unlink(temporary);
free:
	free(temporary);
	return result;
}
