// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.io.IOException;
import java.security.InvalidKeyException;
import java.util.Optional;
import org.posthouse.mailauth.dkim.SigningKey;

/**
 * A file and the key that was in it.
 *
 * @param file the file as it was then
 * @param key the key; empty when there was none that signs mail
 * @param damage why there is no key; empty when there is one
 * @param lasting whether the key, or its damage, stays as long as the file does not change
 */
public record KeptKey(KeyFile file, Optional<SigningKey> key, String damage, boolean lasting) {
    static KeptKey read(KeyFile file) {
        try {
            return new KeptKey(file, Optional.of(file.read()), "", true);
        } catch (InvalidKeyException e) {
            return new KeptKey(file, Optional.empty(), String.valueOf(e.getMessage()), true);
        } catch (IOException e) {
            return new KeptKey(file, Optional.empty(), "it can not be read (" + e + ")", false);
        }
    }
}
