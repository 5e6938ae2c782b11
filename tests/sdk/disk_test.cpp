// PrlDisk_*: virtual disks as a client makes, opens, reads and changes them. That their content
// stays right is held to a model in tests/simulator/virtual_disk_test.cpp.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kPath = "/disks/data.hdd";
constexpr PRL_UINT64 kSectors = 8192;
constexpr PRL_UINT32 kSectorBytes = 512;

const PRL_GUID kFirst = {0x11111111, 0x2222, 0x3333, {4, 4, 5, 5, 6, 6, 7, 7}};
const PRL_GUID kSecond = {0x88888888, 0x9999, 0xaaaa, {1, 2, 3, 4, 5, 6, 7, 8}};

PRL_DISK_PARAMETERS parameters_of(PRL_UINT64 sectors) {
  PRL_DISK_PARAMETERS parameters{};
  parameters.m_SizeInSectors = sectors;
  return parameters;
}

Handle open_disk(PRL_DISK_OPEN_FLAGS flags = PRL_DISK_READ | PRL_DISK_WRITE) {
  Handle disk;
  EXPECT_EQ(PrlDisk_OpenDisk_Local(disk.out(), kPath, flags, nullptr), PRL_ERR_SUCCESS);
  return disk;
}

PRL_RESULT write(PRL_HANDLE disk, PRL_UINT64 sector, char value) {
  const std::vector<char> bytes(kSectorBytes, value);
  return PrlDisk_Write(disk, bytes.data(), kSectorBytes, sector);
}

// The value that fills the sector.
int read(PRL_HANDLE disk, PRL_UINT64 sector) {
  std::vector<char> bytes(kSectorBytes, '?');
  EXPECT_EQ(PrlDisk_Read(disk, bytes.data(), kSectorBytes, sector), PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes.front(), bytes.back());
  return bytes.front();
}

struct ADisk : testing::Test {
  ADisk() {
    const PRL_DISK_PARAMETERS parameters = parameters_of(kSectors);
    EXPECT_EQ(PrlDisk_CreateDisk(disk.out(), kPath, &parameters, nullptr, nullptr),
              PRL_ERR_SUCCESS);
  }

  const Library library;  // no login: a disk is no business of the server
  Handle disk;
};

TEST_F(ADisk, IsThereWhenItIsOpenedAgain) {
  EXPECT_EQ(write(disk, 100, 'x'), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(disk, 99), 0);
  EXPECT_EQ(PrlDisk_Free(disk.release()), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(open_disk(), 100), 'x');
}

TEST_F(ADisk, IsWrittenByOneHandleAtATime) {
  Handle second;
  EXPECT_EQ(PrlDisk_OpenDisk(second.out(), kPath, PRL_DISK_WRITE, nullptr),
            PRL_ERR_DISK_SHARING_VIOLATION);
  const Handle reader = open_disk(PRL_DISK_READ);
  EXPECT_EQ(write(disk, 1, 'a'), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(reader, 1), 'a');
  EXPECT_EQ(write(reader, 1, 'b'), PRL_ERR_DISK_NOT_PERMITTED);
  EXPECT_EQ(PrlDisk_Compact(reader, nullptr, nullptr), PRL_ERR_DISK_NOT_PERMITTED);
}

TEST_F(ADisk, IsNotMadeTwiceNorOpenedWhereNoneIs) {
  const PRL_DISK_PARAMETERS parameters = parameters_of(kSectors);
  Handle other;
  EXPECT_EQ(PrlDisk_CreateDisk_Local(other.out(), kPath, &parameters, nullptr, nullptr),
            PRL_ERR_DISK_FILE_EXISTS);
  EXPECT_EQ(PrlDisk_OpenDisk(other.out(), "/disks/none.hdd", PRL_DISK_READ, nullptr),
            PRL_ERR_FILE_NOT_FOUND);
  EXPECT_EQ(PrlDisk_OpenDisk(other.out(), "/disks", PRL_DISK_READ, nullptr),
            PRL_ERR_DISK_XML_MISSING);
  EXPECT_EQ(PrlDisk_ConvertToCurrent(kPath), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_ConvertToCurrent("/disks/none.hdd"), PRL_ERR_FILE_NOT_FOUND);
}

TEST_F(ADisk, HasSizesThatADiskCanHave) {
  Handle other;
  for (const PRL_UINT64 sectors : {PRL_UINT64{0}, PRL_UINT64{UINT64_MAX}}) {
    const PRL_DISK_PARAMETERS parameters = parameters_of(sectors);
    EXPECT_EQ(PrlDisk_CreateDisk(other.out(), "/disks/odd.hdd", &parameters, nullptr, nullptr),
              PRL_ERR_DISK_INVALID_PARAMETERS);
  }
  PRL_DISK_PARAMETERS parameters = parameters_of(kSectors);
  parameters.m_BlockSize = 3;
  EXPECT_EQ(PrlDisk_CreateDisk(other.out(), "/disks/odd.hdd", &parameters, nullptr, nullptr),
            PRL_ERR_DISK_INVALID_PARAMETERS);
}

TEST_F(ADisk, RefusesWhatLiesOutside) {
  std::vector<char> bytes(2 * kSectorBytes);
  EXPECT_EQ(PrlDisk_Read(disk, bytes.data(), 2 * kSectorBytes, kSectors - 1),
            PRL_ERR_DISK_READ_OUT_DISK);
  EXPECT_EQ(PrlDisk_Write(disk, bytes.data(), 2 * kSectorBytes, UINT64_MAX),
            PRL_ERR_DISK_WRITE_OUT_DISK);
  EXPECT_EQ(PrlDisk_Read(disk, bytes.data(), 100, 0), PRL_ERR_DISK_UNALIGNED);
}

TEST_F(ADisk, IsReadFromAnOffset) {
  EXPECT_EQ(write(disk, 10, 'o'), PRL_ERR_SUCCESS);
  Handle policy, shifted;
  ASSERT_EQ(PrlDiskOpenPolicy_CreateOffset(policy.out(), 8 * kSectorBytes), PRL_ERR_SUCCESS);
  const PRL_HANDLE value = policy;
  ASSERT_EQ(PrlDisk_OpenDisk_Local(shifted.out(), kPath, PRL_DISK_READ, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(shifted, 2), 'o');
}

// -- What is known of it.

TEST_F(ADisk, TellsItsParametersInOneBuffer) {
  PRL_UINT32 length = 0;
  ASSERT_EQ(PrlDisk_GetDiskInfo(disk, nullptr, &length), PRL_ERR_SUCCESS);
  ASSERT_GT(length, sizeof(PRL_DISK_PARAMETERS));
  std::vector<char> buffer(length, '?');
  auto* parameters = reinterpret_cast<PRL_DISK_PARAMETERS_PTR>(buffer.data());
  PRL_UINT32 less = length - 1;
  EXPECT_EQ(PrlDisk_GetDiskInfo(disk, parameters, &less), PRL_ERR_BUFFER_OVERRUN);
  EXPECT_EQ(less, length);
  EXPECT_EQ(buffer[0], '?');
  ASSERT_EQ(PrlDisk_GetDiskInfo(disk, parameters, &length), PRL_ERR_SUCCESS);
  const PRL_UINT64 sectors = parameters->m_SizeInSectors;
  EXPECT_EQ(sectors, kSectors);
  EXPECT_EQ(parameters->m_Storages[0].Type, PRL_UINT32{PRL_IMAGE_COMPRESSED});
  EXPECT_TRUE(std::string(parameters->m_Storages[0].pFileName).starts_with("data.hdd.0.{"));
  EXPECT_STREQ(parameters->Name, "");
}

TEST_F(ADisk, TellsItsParametersAsAnObjectThatMakesAnother) {
  Handle parameters, operation, copy;
  PRL_CHS chs{};
  PRL_GUID uid{};
  ASSERT_EQ(PrlDisk_GetParams(disk, parameters.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskParams_GetCHS(parameters, &chs), PRL_ERR_SUCCESS);
  EXPECT_EQ(chs.Cylinders, kSectors / (16 * 32));
  EXPECT_EQ(PrlDiskParams_SetUid(parameters, &kFirst), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDiskOpParams_Create(operation.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskOpParams_SetDiskParams(operation, parameters), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_CreateDiskEx(operation, copy.out()), PRL_ERR_DISK_INVALID_PARAMETERS);
  EXPECT_EQ(PrlDiskOpParams_SetDiskFilePath(operation, "/disks/copy.hdd"), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDisk_CreateDiskEx(operation, copy.out()), PRL_ERR_SUCCESS);
  Handle made;
  ASSERT_EQ(PrlDisk_GetParams(copy, made.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskParams_GetUid(made, &uid), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::memcmp(&uid, &kFirst, sizeof(uid)), 0);
}

TEST_F(ADisk, IdentifiesItselfToItsGuest) {
  char model[PRL_HDD_MODEL_LEN], serial[PRL_HDD_SERIAL_LEN], firmware[PRL_HDD_FIRMWARE_LEN];
  ASSERT_EQ(PrlDisk_GetIdentify(disk, model, serial, firmware), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::strlen(serial), PRL_HDD_SERIAL_LEN - 1u);
  EXPECT_STREQ(firmware, "1.0");
}

TEST_F(ADisk, KeepsTextsOfAClient) {
  char value[16] = {};
  PRL_UINT32 length = sizeof(value);
  EXPECT_EQ(PrlDisk_GetUserParameter(disk, "owner", value, &length), PRL_ERR_NO_DATA);
  EXPECT_EQ(PrlDisk_SetUserParameter(disk, "owner", "<me>"), PRL_ERR_SUCCESS);
  const Handle again = open_disk(PRL_DISK_READ);
  EXPECT_EQ(PrlDisk_GetUserParameter(again, "owner", value, &length), PRL_ERR_SUCCESS);
  EXPECT_STREQ(value, "<me>");
}

TEST_F(ADisk, IsBootableWithTheMarkOfABootSector) {
  PRL_BOOL bootable = PRL_TRUE;
  EXPECT_EQ(PrlDisk_IsBootable_Local(kPath, &bootable), PRL_ERR_SUCCESS);
  EXPECT_FALSE(bootable);
  std::vector<unsigned char> sector(kSectorBytes);
  sector[510] = 0x55;
  sector[511] = 0xAA;
  EXPECT_EQ(PrlDisk_Write(disk, sector.data(), kSectorBytes, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_IsBootable_Local(kPath, &bootable), PRL_ERR_SUCCESS);
  EXPECT_TRUE(bootable);
}

TEST(DisksInGeneral, HaveTheseSizes) {
  const Library library;
  PRL_UINT32 number = 0;
  PRL_UINT64 sectors = 0;
  PRL_CHS chs{};
  EXPECT_EQ(PrlDisk_GetDefaultBlockSize(&number), PRL_ERR_SUCCESS);
  EXPECT_EQ(number, 2048u);
  EXPECT_EQ(PrlDisk_CalcDefaultBlockSize(&number, 4096), PRL_ERR_SUCCESS);
  EXPECT_EQ(number, 256u);
  EXPECT_EQ(PrlDisk_CalcDefaultBlockSize(&number, 500), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlDisk_GetSplitPartSize(&sectors), PRL_ERR_SUCCESS);
  EXPECT_EQ(sectors * kSectorBytes, PRL_UINT64{2} << 30);
  EXPECT_EQ(PrlDisk_ConvertToCHS(16 * 32 * 100, &chs), PRL_ERR_SUCCESS);
  EXPECT_EQ(chs.Cylinders, 100u);
  EXPECT_EQ(PrlDisk_ConvertToCHS(PRL_UINT64{16} * 63 * 20000, &chs), PRL_ERR_SUCCESS);
  EXPECT_EQ(chs.Sectors, 63u);
  EXPECT_EQ(chs.Cylinders, 20000u);
}

// -- States.

struct ADiskWithStates : ADisk {
  // 'a' in the first state, 'b' above it in the second, 'c' now.
  ADiskWithStates() {
    EXPECT_EQ(write(disk, 5, 'a'), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlDisk_CreateState(disk, nullptr, &kFirst, nullptr, nullptr), PRL_ERR_SUCCESS);
    EXPECT_EQ(write(disk, 5, 'b'), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlDisk_CreateState(disk, "", &kSecond, nullptr, nullptr), PRL_ERR_SUCCESS);
    EXPECT_EQ(write(disk, 5, 'c'), PRL_ERR_SUCCESS);
  }
  PRL_UINT32 count() const {
    PRL_UINT32 states = 0;
    EXPECT_EQ(PrlDisk_GetSnapshotsCount(disk, &states), PRL_ERR_SUCCESS);
    return states;
  }
};

TEST_F(ADiskWithStates, GoesBackToAState) {
  EXPECT_EQ(PrlDisk_SwitchToState(disk, nullptr, &kFirst, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(disk, 5), 'a');
  EXPECT_EQ(count(), 3u);
  const PRL_GUID unknown{};
  EXPECT_EQ(PrlDisk_SwitchToState(disk, nullptr, &unknown, nullptr, nullptr),
            PRL_ERR_DISK_STATES_ERROR);
}

TEST_F(ADiskWithStates, ReadsAStateThroughAHandleOfItsOwn) {
  const Handle reader = open_disk(PRL_DISK_READ);
  EXPECT_EQ(PrlDisk_ReopenWithSnapshot(reader, &kSecond, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(reader, 5), 'b');
  EXPECT_EQ(read(disk, 5), 'c');
}

TEST_F(ADiskWithStates, ReadsNothingOfAStateThatIsGone) {
  const Handle reader = open_disk(PRL_DISK_READ);
  EXPECT_EQ(PrlDisk_ReopenWithSnapshot(reader, &kSecond, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_DeleteState(disk, nullptr, &kSecond, PRL_TRUE, nullptr, nullptr),
            PRL_ERR_SUCCESS);
  std::vector<char> bytes(kSectorBytes);
  EXPECT_EQ(PrlDisk_Read(reader, bytes.data(), kSectorBytes, 5), PRL_ERR_DISK_STATES_ERROR);
  EXPECT_EQ(read(disk, 5), 'c');
}

TEST_F(ADiskWithStates, DeletesAState) {
  EXPECT_EQ(PrlDisk_DeleteState(disk, nullptr, &kFirst, PRL_FALSE, nullptr, nullptr),
            PRL_ERR_DISK_OPERATION_NOT_ALLOWED);
  EXPECT_EQ(PrlDisk_DeleteState(disk, nullptr, &kFirst, PRL_TRUE, nullptr, nullptr),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(PrlDisk_CreateState(disk, nullptr, &kSecond, nullptr, nullptr),
            PRL_ERR_DISK_STATES_ERROR);
  EXPECT_EQ(PrlDisk_Coagulate(disk, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(read(disk, 5), 'c');
}

TEST_F(ADiskWithStates, ListsThemLinkedWithEachOther) {
  PRL_UINT32 length = 0;
  ASSERT_EQ(PrlDisk_GetSnapshotsTree(disk, nullptr, &length), PRL_ERR_SUCCESS);
  ASSERT_EQ(length, 3 * sizeof(PRL_SNAPSHOT_ELEMENT));
  std::vector<PRL_SNAPSHOT_ELEMENT> elements(3);
  ASSERT_EQ(PrlDisk_GetSnapshotsTree(disk, elements.data(), &length), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::memcmp(&elements[0].m_GUID, &kFirst, sizeof(PRL_GUID)), 0);
  EXPECT_EQ(elements[0].m_pChild, &elements[1]);
  EXPECT_EQ(elements[1].m_pChild, &elements[2]);
  EXPECT_EQ(elements[0].m_pNext, nullptr);
  Handle root, list, child;
  PRL_GUID uid{};
  ASSERT_EQ(PrlDisk_GetStatesTree(disk, root.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDiskStateParams_GetChildStateList(root, list.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlHndlList_GetItem(list, 0, child.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskStateParams_GetUid(child, &uid), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::memcmp(&uid, &kSecond, sizeof(uid)), 0);
}

TEST_F(ADiskWithStates, TellsWhatChangedBetweenTwoOfThem) {
  EXPECT_EQ(write(disk, 4096, 'd'), PRL_ERR_SUCCESS);
  Handle map;
  PRL_UINT32 granularity = 0, capacity = 1;
  unsigned char bits = 0;
  const char* second = "{88888888-9999-aaaa-0102-030405060708}";
  ASSERT_EQ(PrlDisk_GetChangesMap_Local(disk, second, "", map.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskMap_GetGranularity(map, &granularity), PRL_ERR_SUCCESS);
  EXPECT_EQ(granularity, 2048 * kSectorBytes);
  EXPECT_EQ(PrlDiskMap_Read(map, &bits, &capacity), PRL_ERR_SUCCESS);
  EXPECT_EQ(bits, 0b0101);  // the blocks of sectors 5 and 4096
  Handle none;
  EXPECT_EQ(PrlDisk_GetChangesMap_Local(disk, "{00000000-0000-0000-0000-000000000001}", "",
                                        none.out()),
            PRL_ERR_NO_DATA);
}

TEST_F(ADiskWithStates, IsTheBaseOfAnother) {
  Handle clone;
  ASSERT_EQ(PrlDisk_LinkedClone_Local(disk, &kSecond, "/disks/clone.hdd"), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDisk_OpenDisk(clone.out(), "/disks/clone.hdd", PRL_DISK_WRITE, nullptr),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(read(clone, 5), 'b');
  EXPECT_EQ(write(clone, 5, 'z'), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(disk, 5), 'c');
}

// -- Sizes, and progress.

struct Progress {
  static PRL_BOOL PRL_CALL note(PRL_INT32 completion, PRL_VOID_PTR data) {
    auto& self = *static_cast<Progress*>(data);
    self.seen.push_back(completion);
    return self.answer;
  }
  std::vector<PRL_INT32> seen;
  PRL_BOOL answer = PRL_TRUE;
};

TEST_F(ADisk, TellsHowFarItIsAndStopsWhenAsked) {
  Progress progress;
  EXPECT_EQ(PrlDisk_Compact(disk, &Progress::note, &progress), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress.seen, (std::vector<PRL_INT32>{0, 1000, 1005}));
  progress = {.seen = {}, .answer = PRL_FALSE};
  EXPECT_EQ(PrlDisk_DecreaseCapacity(disk, 100, &Progress::note, &progress),
            PRL_ERR_DISK_USER_INTERRUPTED);
  EXPECT_EQ(write(disk, 200, 'x'), PRL_ERR_SUCCESS);
}

TEST_F(ADisk, GrowsAndShrinks) {
  const PRL_DISK_PARAMETERS larger = parameters_of(2 * kSectors);
  EXPECT_EQ(PrlDisk_IncreaseCapacity(disk, &larger, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(write(disk, 2 * kSectors - 1, 'e'), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_DecreaseCapacity(disk, kSectors, nullptr, nullptr),
            PRL_ERR_DISK_OPERATION_NOT_ALLOWED);
  EXPECT_EQ(PrlDisk_DecreaseCapacity(disk, 3 * kSectors, nullptr, nullptr),
            PRL_ERR_DISK_INVALID_PARAMETERS);
  EXPECT_EQ(write(disk, 2 * kSectors - 1, 0), PRL_ERR_SUCCESS);
  Handle operation, parameters;
  PrlDiskOpParams_Create(operation.out());
  PrlDiskParams_Create(parameters.out());
  EXPECT_EQ(PrlDiskParams_SetSize(parameters, kSectors / 2), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskOpParams_SetDiskParams(operation, parameters), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_Resize(disk, operation), PRL_ERR_SUCCESS);
  EXPECT_EQ(write(disk, kSectors / 2, 'x'), PRL_ERR_DISK_WRITE_OUT_DISK);
}

TEST_F(ADisk, GivesFreeBlocksBack) {
  PRL_UINT32 blocks = 0;
  for (const PRL_UINT64 sector : {0, 2048, 4096}) EXPECT_EQ(write(disk, sector, 'x'), 0);
  unsigned char bitmap = 0b0110;
  EXPECT_EQ(PrlDisk_EstimateCompactByBitmap(disk, &bitmap, 2048, &blocks, nullptr, nullptr),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(blocks, 2u);
  EXPECT_EQ(PrlDisk_CompactByBitmap(disk, &bitmap, 2048, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(disk, 0), 'x');
  EXPECT_EQ(read(disk, 2048), 0);
}

// -- Keys.

TEST_F(ADisk, ShowsItsContentOnlyToWhoHasTheKey) {
  PRL_UINT8 key[] = {1, 2, 3}, other[] = {9, 9};
  PRL_GUID engine = kFirst;
  PRL_BOOL encrypted = PRL_FALSE;
  std::vector<char> bytes(kSectorBytes);
  EXPECT_EQ(write(disk, 0, 's'), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_Encrypt(disk, &engine, key, 3, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_Encrypt(disk, &engine, key, 3, nullptr, nullptr),
            PRL_ERR_ENC_HDD_IS_ALREADY_ENCRYPTED);
  EXPECT_EQ(PrlDisk_IsEncrypted(disk, &encrypted), PRL_ERR_SUCCESS);
  EXPECT_TRUE(encrypted);
  const Handle stranger = open_disk(PRL_DISK_READ);
  EXPECT_EQ(PrlDisk_Read(stranger, bytes.data(), kSectorBytes, 0),
            PRL_ERR_WRONG_PASSWORD_TO_ENCRYPTED_HDD);
  EXPECT_EQ(PrlDisk_SetKey(stranger, key, 3), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(stranger, 0), 's');
  EXPECT_EQ(PrlDisk_ChangeKey(disk, other, 2, key, 3), PRL_ERR_WRONG_PASSWORD_TO_ENCRYPTED_HDD);
  EXPECT_EQ(PrlDisk_ChangeKeyEx(disk, key, 3, other, 2, key, 3), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(disk, 0), 's');
  EXPECT_EQ(PrlDisk_Decrypt(disk, key, 3, nullptr, nullptr),
            PRL_ERR_WRONG_PASSWORD_TO_ENCRYPTED_HDD);
  EXPECT_EQ(PrlDisk_Decrypt(disk, other, 2, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(open_disk(PRL_DISK_READ), 0), 's');
}

}  // namespace
}  // namespace prl::tests
