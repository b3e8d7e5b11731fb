// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.KeyFile;
import org.posthouse.mailauth.keys.PrivateKeys;

/** {@code posthouse dkim generate}. */
@Component(configurationPid = "dkim-sign", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GenerateKey implements Command {
    private static final int LEAST_BITS = 1024;
    private static final int MOST_BITS = 4096;

    private final Path folder;

    /** Made by the component runtime. */
    @Activate
    public GenerateKey(DkimSign.Config config) {
        this.folder = Path.of(config.keys());
    }

    @Override
    public String group() {
        return "dkim";
    }

    @Override
    public String name() {
        return "generate";
    }

    @Override
    public String help() {
        return "Makes a key for a domain, and shows the record that must be in DNS for it.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("domain", "The domain whose mail the key signs."),
                Parameter.required("selector", "The name of the key in DNS, such as 2026a; without a dot."),
                Parameter.optional("type", "rsa (left out) or ed25519."),
                Parameter.optional("bits", "The length of an RSA key, 1024 to 4096; 2048 when it is left out."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String domain = Names.domain(arguments.text("domain"));
        String selector = Names.selector(arguments.text("selector"));
        Algorithm algorithm = algorithm(arguments.optional("type").orElse("rsa"));
        int bits = bits(arguments, algorithm);
        try {
            PrivateKey made = PrivateKeys.generate(algorithm, bits);
            TextRecord record = TextRecord.of(new SigningKey(domain, selector, algorithm, made));
            Path file = SecretFile.write(folder, KeyFile.name(domain, selector), PrivateKeys.pem(made));
            return new Table(
                    "Wrote " + file + ". Put this record into DNS, then see: posthouse dkim dns " + domain,
                    List.of("name", "type", "value"),
                    List.of(List.of(record.name(), "TXT", record.strings())));
        } catch (IOException e) {
            throw new CommandException("The key can not be written: " + e.getMessage());
        } catch (GeneralSecurityException e) {
            throw new CommandException("The key can not be made: " + e.getMessage());
        }
    }

    private static Algorithm algorithm(String type) throws CommandException {
        try {
            return Words.algorithm(type);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
    }

    private static int bits(Arguments arguments, Algorithm algorithm) throws CommandException {
        String text = arguments.optional("bits").orElse("");
        if (text.isEmpty()) {
            return 2048;
        }
        if (algorithm == Algorithm.ED25519_SHA256) {
            throw new CommandException("A key of type ed25519 has one length, leave --bits out");
        }
        int bits = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (bits < LEAST_BITS || bits > MOST_BITS) {
            throw new CommandException("An RSA key has 1024 to 4096 bits");
        }
        return bits;
    }
}
