// SPDX-License-Identifier: Apache-2.0
/** Asks a policy server that speaks the protocol of Postfix's access policy delegation. */
@NullMarked
package org.posthouse.plugins.postfixpolicy;

import org.jspecify.annotations.NullMarked;
