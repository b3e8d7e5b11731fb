// SPDX-License-Identifier: Apache-2.0
/** DomainKeys Identified Mail (RFC 6376, 8301, 8463, 8616): canonical forms, keys, checking and making signatures. */
@NullMarked
package org.posthouse.mailauth.dkim;

import org.jspecify.annotations.NullMarked;
