#ifndef ABI_IOCTLS_H
#define ABI_IOCTLS_H
/*
 * Requests of ioctl(2) (asm-generic/ioctls.h), and the window size of a terminal.
 */
#include <stdint.h>

#define TCGETS      0x5401
#define TCSETS      0x5402
#define TCSETSW     0x5403
#define TCSETSF     0x5404
#define TCGETA      0x5405 /* of struct termio */
#define TCSETA      0x5406
#define TCSETAW     0x5407
#define TCSETAF     0x5408
#define TCSBRK      0x5409
#define TCXONC      0x540a
#define TCFLSH      0x540b
#define TIOCEXCL    0x540c
#define TIOCNXCL    0x540d
#define TIOCSCTTY   0x540e
#define TIOCGPGRP   0x540f
#define TIOCSPGRP   0x5410
#define TIOCOUTQ    0x5411
#define TIOCSTI     0x5412
#define TIOCGWINSZ  0x5413
#define TIOCSWINSZ  0x5414
#define TIOCMGET    0x5415
#define TIOCMBIS    0x5416
#define TIOCMBIC    0x5417
#define TIOCMSET    0x5418
#define FIONREAD    0x541b
#define TIOCPKT     0x5420
#define FIONBIO     0x5421
#define TIOCNOTTY   0x5422
#define TIOCSETD    0x5423
#define TIOCGETD    0x5424
#define TCSBRKP     0x5425
#define TIOCSBRK    0x5427
#define TIOCCBRK    0x5428
#define TIOCGSID    0x5429
#define TCGETS2     0x802c542a
#define TCSETS2     0x402c542b
#define TCSETSW2    0x402c542c
#define TCSETSF2    0x402c542d
#define TIOCGPTN    0x80045430
#define TIOCSPTLCK  0x40045431
#define TIOCGDEV    0x80045432
#define TIOCSIG     0x40045436
#define TIOCVHANGUP 0x5437
#define TIOCGPKT    0x80045438
#define TIOCGPTLCK  0x80045439
#define TIOCGEXCL   0x80045440
#define TIOCGPTPEER 0x5441
#define FIONCLEX    0x5450
#define FIOCLEX     0x5451
#define FIOASYNC    0x5452

#define FIFREEZE 0xc0045877
#define FITHAW   0xc0045878

/* The first byte of what a master in packet mode reads (TIOCPKT): 0, data follows; or, bits: */
#define TIOCPKT_DATA       0
#define TIOCPKT_FLUSHREAD  1
#define TIOCPKT_FLUSHWRITE 2
#define TIOCPKT_STOP       4
#define TIOCPKT_START      8
#define TIOCPKT_NOSTOP     16
#define TIOCPKT_DOSTOP     32

/* random(4) (uapi/linux/random.h); RNDADDENTROPY: bits and bytes, ints, then the bytes. */
#define RNDGETENTCNT   0x80045200
#define RNDADDTOENTCNT 0x40045201
#define RNDADDENTROPY  0x40085203
#define RNDZAPENTCNT   0x5204
#define RNDCLEARPOOL   0x5206
#define RNDRESEEDCRNG  0x5207

/* Block devices (linux/fs.h, linux/hdreg.h). */
#define HDIO_GETGEO      0x301
#define BLKROSET         0x125d
#define BLKROGET         0x125e
#define BLKRRPART        0x125f
#define BLKGETSIZE       0x1260
#define BLKFLSBUF        0x1261
#define BLKRASET         0x1262
#define BLKRAGET         0x1263
#define BLKSSZGET        0x1268
#define BLKDISCARD       0x1277
#define BLKIOMIN         0x1278
#define BLKIOOPT         0x1279
#define BLKALIGNOFF      0x127a
#define BLKPBSZGET       0x127b
#define BLKDISCARDZEROES 0x127c
#define BLKROTATIONAL    0x127e
#define BLKBSZGET        0x80081270
#define BLKGETSIZE64     0x80081272

struct hd_geometry {
	uint8_t heads, sectors;
	uint16_t cylinders;
	uint64_t start;
};

struct winsize {
	uint16_t ws_row, ws_col;
	uint16_t ws_xpixel, ws_ypixel;
};

#endif
