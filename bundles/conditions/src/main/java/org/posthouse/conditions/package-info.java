// SPDX-License-Identifier: Apache-2.0
/** When a rule of one line applies: a grammar, and what it means for a session or a message. Embedded by plugins. */
@NullMarked
package org.posthouse.conditions;

import org.jspecify.annotations.NullMarked;
