// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Octets on their way to another member, where they are handed over; nothing is done with them on Hazelcast's thread. */
public final class ParcelTask implements Callable<Boolean>, IdentifiedDataSerializable, HazelcastInstanceAware {
    /** Ours among the factories. */
    static final int FACTORY = 7_401;

    /** The only class of the factory. */
    static final int CLASS = 1;

    /** Where the receiver of octets stands in the user context of an instance. */
    static final String RECEIVER = "posthouse.receiver";

    private byte @Nullable [] octets;
    private transient @Nullable HazelcastInstance instance;

    /** For Hazelcast, which then reads it. */
    ParcelTask() {}

    ParcelTask(byte[] octets) {
        this.octets = octets;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance here) {
        this.instance = here;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Boolean call() {
        HazelcastInstance here = instance;
        byte[] parcel = octets;
        if (here == null || parcel == null || !(here.getUserContext().get(RECEIVER) instanceof Consumer<?> receiver)) {
            return false;
        }
        ((Consumer<byte[]>) receiver).accept(parcel);
        return true;
    }

    @Override
    public int getFactoryId() {
        return FACTORY;
    }

    @Override
    public int getClassId() {
        return CLASS;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByteArray(octets);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        octets = in.readByteArray();
    }
}
