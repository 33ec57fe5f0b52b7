#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H
/*
 * Whole pages.
 */

/* Fill a page of kernel memory with zeros. Any context. */
void page_zero(void *page);

#endif
