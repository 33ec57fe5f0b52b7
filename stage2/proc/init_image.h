#ifndef PROC_INIT_IMAGE_H
#define PROC_INIT_IMAGE_H
/*
 * The embedded init: the ELF file of init/, linked into the kernel as bytes (Makefile, with xxd).
 */
extern const unsigned char init_image[];
extern const unsigned int init_image_bytes;

#endif
