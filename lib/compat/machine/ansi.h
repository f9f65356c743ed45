/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gcc's stddef.h asks for this where __NetBSD__ is defined: that these types
 * are still to be made.  It undefines the names and includes this again, so
 * there is no guard.
 */
#define _BSD_SIZE_T_	__SIZE_TYPE__
#define _BSD_WCHAR_T_	__WCHAR_TYPE__
#define _BSD_PTRDIFF_T_	__PTRDIFF_TYPE__
