// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Stage;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.DeliverHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.api.hook.RcptHook;

/** The interface of each stage. */
final class HookTypes {
    private static final Map<Stage, Class<?>> TYPES = new EnumMap<>(Map.of(
            Stage.CONNECT, ConnectHook.class,
            Stage.HELO, HeloHook.class,
            Stage.AUTH, Authenticator.class,
            Stage.MAIL, MailHook.class,
            Stage.RCPT, RcptHook.class,
            Stage.DATA, DataHook.class,
            Stage.QUEUE, QueueHook.class,
            Stage.DELIVER, DeliverHook.class));
    private static final Map<String, Stage> STAGES = new TreeMap<>();

    static {
        TYPES.forEach((stage, type) -> STAGES.put(type.getName(), stage));
    }

    private HookTypes() {}

    /** The interface that a hook of this stage implements. */
    static Class<?> type(Stage stage) {
        return Objects.requireNonNull(TYPES.get(stage));
    }

    /** The stage of an interface by its name, or null. */
    static @Nullable Stage stage(String type) {
        return STAGES.get(type);
    }
}
