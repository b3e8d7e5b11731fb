// SPDX-License-Identifier: Apache-2.0
/** Names of domains, as they are compared and asked for. */
@NullMarked
package org.posthouse.mailauth.domain;

import org.jspecify.annotations.NullMarked;
