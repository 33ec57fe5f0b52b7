#ifndef ARCH_IO_H
#define ARCH_IO_H
/*
 * Raw port and MMIO access, for arch itself and for dev/region.c. Drivers use regions, which they
 * own.
 */
#include <stdint.h>

static inline uint8_t io_in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline uint16_t io_in16(uint16_t port)
{
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline uint32_t io_in32(uint16_t port)
{
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline void io_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}
static inline void io_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}
static inline void io_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}

/* Device memory: exactly one access of the width, in program order. */
static inline uint8_t mmio_read8(const volatile void *address)
{
	return *(const volatile uint8_t *)address;
}
static inline uint16_t mmio_read16(const volatile void *address)
{
	return *(const volatile uint16_t *)address;
}
static inline uint32_t mmio_read32(const volatile void *address)
{
	return *(const volatile uint32_t *)address;
}
static inline uint64_t mmio_read64(const volatile void *address)
{
	return *(const volatile uint64_t *)address;
}
static inline void mmio_write8(volatile void *address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}
static inline void mmio_write16(volatile void *address, uint16_t value)
{
	*(volatile uint16_t *)address = value;
}
static inline void mmio_write32(volatile void *address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}
static inline void mmio_write64(volatile void *address, uint64_t value)
{
	*(volatile uint64_t *)address = value;
}

#endif
